import { StyleModule } from 'style-mod'

// CodeMirror's styles go into sheets that are made by script, since the page's content policy lets no style element in. The library
// does so for shadow roots; what it is given here instead of the document is, to it, like one.

const stand = {
  ownerDocument: document,
  get adoptedStyleSheets() {
    return document.adoptedStyleSheets
  },
  set adoptedStyleSheets(sheets) {
    document.adoptedStyleSheets = sheets
  },
} as unknown as ShadowRoot

const mount = StyleModule.mount
StyleModule.mount = (root, modules, options) =>
  mount.call(StyleModule, root === document ? stand : root, modules, options)
