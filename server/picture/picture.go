// Package picture recognises pictures by their content, and takes out of them what people do not mean to share: where and
// when a photo was taken and with what, comments, previews of how it was before it was cut. What is to be seen stays bit for
// bit as it was; nothing is decoded and encoded again.
//
// What a format does not need for showing the picture goes, whatever it is: each format has a list of what stays.
package picture

import (
	"bytes"
	"errors"
)

// Type is a picture's media type.
type Type string

// The types of pictures that are taken. SVG is not among them: it is a document that may hold scripts and load others.
const (
	PNG  Type = "image/png"
	JPEG Type = "image/jpeg"
	GIF  Type = "image/gif"
	WebP Type = "image/webp"
	AVIF Type = "image/avif"
)

// Picture is a picture without what is not to be seen.
type Picture struct {
	Type Type
	// Width and Height are in pixels, as it is shown: after it is turned the way that the camera said.
	Width, Height int
	Data          []byte
}

// MaxPixels is how many pixels a picture may have. A small file can hold a picture that fills a browser's memory.
const MaxPixels = 100_000_000

// Errors of Clean.
var (
	// ErrUnknown is returned for data that is none of the types.
	ErrUnknown = errors.New("picture: no PNG, JPEG, GIF, WebP or AVIF")
	// ErrDamaged is returned for a picture that breaks the rules of its type, or ends early.
	ErrDamaged = errors.New("picture: damaged")
	// ErrTooManyPixels is returned for a picture of more than MaxPixels.
	ErrTooManyPixels = errors.New("picture: too many pixels")
)

// Clean recognises a picture and takes out of it what is not to be seen. The answer shares no memory with data.
//
// Law: Clean of what it returned returns the same.
func Clean(data []byte) (Picture, error) {
	format := recognise(data)
	if format == nil {
		return Picture{}, ErrUnknown
	}
	p, err := format(data)
	switch {
	case err != nil:
		return Picture{}, err
	case p.Width <= 0 || p.Height <= 0:
		return Picture{}, ErrDamaged
	case p.Width > MaxPixels/p.Height:
		return Picture{}, ErrTooManyPixels
	}
	return p, nil
}

// TypeOf recognises a picture by how it begins; "" if it is none.
func TypeOf(data []byte) Type {
	switch {
	case bytes.HasPrefix(data, pngSignature):
		return PNG
	case bytes.HasPrefix(data, []byte{0xff, markerSOI, 0xff}):
		return JPEG
	case bytes.HasPrefix(data, []byte("GIF87a")), bytes.HasPrefix(data, []byte("GIF89a")):
		return GIF
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return WebP
	case isAVIF(data):
		return AVIF
	}
	return ""
}

// recognise returns what cleans data; nil if it is no picture.
func recognise(data []byte) func([]byte) (Picture, error) {
	switch TypeOf(data) {
	case PNG:
		return cleanPNG
	case JPEG:
		return cleanJPEG
	case GIF:
		return cleanGIF
	case WebP:
		return cleanWebP
	case AVIF:
		return cleanAVIF
	}
	return nil
}
