package picture

import "encoding/binary"

// How a picture is to be turned before it is shown, as Exif numbers it: 1 is not at all, from 5 on width and height change
// places.
const (
	upright  = 1
	sideways = 5
	turns    = 8
)

const (
	tagOrientation = 0x0112
	typeShort      = 3
	ifdEntryBytes  = 12
)

// orientationIn reads how the picture is to be turned from Exif data (which is a TIFF file). Data that makes no sense says
// nothing.
func orientationIn(tiff []byte) int {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	at := order.Uint32(tiff[4:])
	if at < 8 || uint64(at)+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < ifdEntryBytes {
			break
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort {
			if o := int(order.Uint16(entries[8:])); o >= upright && o <= turns {
				return o
			}
		}
		entries = entries[ifdEntryBytes:]
	}
	return upright
}

// orientationOnly is Exif data that says how to turn the picture, and nothing else.
func orientationOnly(orientation int) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x01")
	tiff = binary.BigEndian.AppendUint16(tiff, tagOrientation)
	tiff = binary.BigEndian.AppendUint16(tiff, typeShort)
	tiff = binary.BigEndian.AppendUint32(tiff, 1)
	tiff = binary.BigEndian.AppendUint16(tiff, uint16(orientation))
	return append(tiff, 0, 0, 0, 0, 0, 0)
}

// turned gives the size of a picture after it is turned.
func turned(width, height, orientation int) (int, int) {
	if orientation >= sideways {
		return height, width
	}
	return width, height
}
