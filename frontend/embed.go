// Package frontend holds the built browser side of Quire.
//
// `npm run build` leaves pages and assets in dist, and the Go compiler puts
// that folder into the binary. The kept file dist/.gitkeep lets a fresh clone
// compile before Node has run; such a binary simply has no pages to serve.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var files embed.FS

// Dist returns the built pages (index.html, document.html, missing.html) and
// assets, rooted at frontend/dist. Before the first `npm run build` it holds
// only .gitkeep, so opening a page answers fs.ErrNotExist.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		// fs.Sub refuses only malformed names; "dist" is a constant.
		panic(err)
	}
	return dist
}
