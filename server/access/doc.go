// Package access decides who may do what with a document. It is pure: who is asking, what is kept of the document's access and
// what time it is are given to it.
package access
