package prep

import "bytes"

// kind is what a file is, by its first bytes; its name and its declared type are never asked.
type kind string

const (
	kindPNG  kind = "png"
	kindJPEG kind = "jpeg"
	kindGIF  kind = "gif"
	kindWebP kind = "webp"
	kindHEIC kind = "heic" // known, to say how to send it; not read
	kindNone kind = ""     // everything else: TIFF, BMP, SVG, AVIF, text
)

// sniff returns the kind of content.
func sniff(content []byte) kind {
	switch {
	case bytes.HasPrefix(content, []byte(pngMagic)):
		return kindPNG
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		return kindJPEG
	case bytes.HasPrefix(content, []byte("GIF87a")), bytes.HasPrefix(content, []byte("GIF89a")):
		return kindGIF
	case len(content) >= 16 && string(content[:4]) == "RIFF" && string(content[8:15]) == "WEBPVP8":
		return kindWebP
	case isHEIC(content):
		return kindHEIC
	}
	return kindNone
}

// isHEIC looks for a HEIF brand in the "ftyp" box (ISO/IEC 23008-12, annex B): major first, then the compatible ones.
// AVIF has a brand of its own first, and is no HEIC.
func isHEIC(content []byte) bool {
	if len(content) < 12 || string(content[4:8]) != "ftyp" {
		return false
	}
	end := min(len(content), int(content[3])|int(content[2])<<8, 128)
	for at := 8; at+4 <= end; at += 4 {
		if at == 12 { // the minor version, no brand
			continue
		}
		switch string(content[at : at+4]) {
		case "avif", "avis":
			return false
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1":
			return true
		}
	}
	return false
}
