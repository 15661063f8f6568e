package prep

import (
	"encoding/binary"
	"errors"
	"strings"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngHeader walks the chunks of a PNG (W3C PNG, clause 5): IHDR first and whole, chunks within the file, data
// followed by an end. Text chunks are stepped over, never inflated. An animated PNG shows its first picture.
func pngHeader(content []byte) (header, error) {
	var (
		h                       header
		perPixel                int64
		transparent, interlaced bool
		data, end               bool
	)
	for at := len(pngMagic); !end; {
		if at+12 > len(content) {
			return h, errors.New("a chunk is cut off")
		}
		n := int64(binary.BigEndian.Uint32(content[at:]))
		if int64(at)+12+n > int64(len(content)) {
			return h, errors.New("a chunk is cut off")
		}
		name, body := string(content[at+4:at+8]), content[at+8:at+8+int(n)]
		if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return h, errors.New("a chunk's name is wrong")
		}
		if (at == len(pngMagic)) != (name == "IHDR") {
			return h, errors.New("the header is not first")
		}
		switch name {
		case "IHDR":
			if n != 13 {
				return h, errors.New("the header's length is wrong")
			}
			w, ht := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if w > 1<<31-1 || ht > 1<<31-1 {
				return h, errors.New("the size is wrong")
			}
			h.width, h.height = int(w), int(ht)
			perPixel = pngBytes(body[8], body[9])
			interlaced = body[12] != 0
		case "tRNS":
			transparent = true
		case "IDAT":
			data = true
		case "IEND":
			end = true
		}
		at += 12 + int(n)
	}
	if !data {
		return h, errors.New("no picture data")
	}
	if transparent && perPixel < 4 { // grey with one transparent level becomes four channels; a palette does not
		perPixel *= 4
	}
	// In float64 first: two sizes of 31 bits overflow.
	if float64(h.width)*float64(h.height) > 1<<40 {
		h.memory = 1 << 62
		return h, nil
	}
	h.memory = int64(h.width) * int64(h.height) * perPixel
	if interlaced { // each pass is a picture of its own, copied into the whole
		h.memory *= 2
	}
	return h, nil
}

// pngBytes returns how many bytes a pixel takes in Go's decoder, by bit depth and colour type (clause 11.2.1).
func pngBytes(depth, colour byte) int64 {
	wide := int64(1)
	if depth == 16 {
		wide = 2
	}
	if colour == 0 || colour == 3 { // grey, palette
		return wide
	}
	return 4 * wide
}
