package prep

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// errFeature marks a file whose kind is read, but not this flavour of it.
var errFeature = errors.New("flavour of the format that is not read")

// JPEG markers (ITU-T T.81, table B.1).
const (
	jpegSOF0  = 0xc0
	jpegSOF2  = 0xc2
	jpegDHT   = 0xc4
	jpegJPG   = 0xc8
	jpegDAC   = 0xcc
	jpegRST0  = 0xd0
	jpegRST7  = 0xd7
	jpegEOI   = 0xd9
	jpegSOS   = 0xda
	jpegAPP0  = 0xe0
	jpegAPP14 = 0xee
)

// jpegHeader walks all markers of a JPEG: the frame for its size and sampling, and every scan for their number,
// because a decoder visits each coefficient of a progressive picture once a scan.
func jpegHeader(content []byte) (header, error) {
	var (
		h     header
		frame jpegFrame
	)
	for at := 2; ; {
		start := bytes.IndexByte(content[min(at, len(content)):], 0xff)
		if start < 0 {
			break
		}
		at += start + 1
		if at >= len(content) {
			break
		}
		marker := content[at]
		if marker == 0xff { // fill byte: the next one is the marker
			continue
		}
		at++
		if marker == 0 || (marker >= jpegRST0 && marker <= jpegRST7) { // data of a scan
			continue
		}
		if marker == jpegEOI {
			break
		}
		if at+2 > len(content) {
			return h, errors.New("a segment is cut off")
		}
		n := int(binary.BigEndian.Uint16(content[at:]))
		if n < 2 || at+n > len(content) {
			return h, errors.New("a segment is cut off")
		}
		segment := content[at+2 : at+n]
		at += n
		switch {
		case marker == jpegSOS:
			h.scans++
		case marker == jpegAPP0 && bytes.HasPrefix(segment, []byte("JFIF\x00")):
			frame.jfif = true
		case marker == jpegAPP14 && len(segment) >= 12 && bytes.HasPrefix(segment, []byte("Adobe")):
			frame.adobe, frame.transform = true, segment[11]
		case marker >= jpegSOF0 && marker < jpegRST0 && marker != jpegDHT && marker != jpegJPG && marker != jpegDAC:
			if marker > jpegSOF2 {
				return h, fmt.Errorf("%w: frame %#x", errFeature, marker)
			}
			if frame.parts != nil {
				return h, errors.New("more than one frame")
			}
			if err := frame.read(segment, marker == jpegSOF2); err != nil {
				return h, err
			}
		}
	}
	if frame.parts == nil || h.scans == 0 {
		return h, errors.New("no frame, or no scan")
	}
	h.width, h.height, h.memory = frame.width, frame.height, frame.memory()
	return h, nil
}

// jpegFrame is a start-of-frame segment, and what else decides the decoder's memory.
type jpegFrame struct {
	width, height int
	progressive   bool
	parts         []jpegPart // 1 grey, 3 colour, 4 with black
	jfif, adobe   bool
	transform     byte
}

// jpegPart is one component: its sampling factors.
type jpegPart struct {
	id   byte
	h, v int
}

func (f *jpegFrame) read(s []byte, progressive bool) error {
	if len(s) < 6 || len(s) != 6+3*int(s[5]) {
		return errors.New("the frame's length is wrong")
	}
	if s[0] != 8 {
		return fmt.Errorf("%w: %d bits a sample", errFeature, s[0])
	}
	f.progressive = progressive
	f.height, f.width = int(binary.BigEndian.Uint16(s[1:])), int(binary.BigEndian.Uint16(s[3:]))
	for i := range int(s[5]) {
		c := jpegPart{id: s[6+3*i], h: int(s[7+3*i] >> 4), v: int(s[7+3*i] & 15)}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 {
			return errors.New("the sampling factors are wrong")
		}
		f.parts = append(f.parts, c)
	}
	if n := len(f.parts); n != 1 && n != 3 && n != 4 {
		return fmt.Errorf("%w: %d components", errFeature, n)
	}
	return nil
}

// memory reckons what image/jpeg allocates: a byte for each sample in whole blocks, four more for the coefficients of
// a progressive picture, and four a pixel where the colours are not YCbCr and are laid out anew.
func (f *jpegFrame) memory() int64 {
	hm, vm := 1, 1
	for _, c := range f.parts {
		hm, vm = max(hm, c.h), max(vm, c.v)
	}
	across, down := int64((f.width+8*hm-1)/(8*hm)), int64((f.height+8*vm-1)/(8*vm))
	var samples int64
	for _, c := range f.parts {
		samples += across * down * 64 * int64(c.h*c.v)
	}
	bytes := samples
	if f.progressive {
		bytes += 4 * samples
	}
	if len(f.parts) == 4 || f.isRGB() {
		bytes += 4 * across * down * 64 * int64(hm*vm)
	}
	return bytes
}

// isRGB follows image/jpeg: no JFIF segment, and Adobe's transform 0 or components named R, G, B.
func (f *jpegFrame) isRGB() bool {
	if f.jfif || len(f.parts) != 3 {
		return false
	}
	return (f.adobe && f.transform == 0) ||
		(f.parts[0].id == 'R' && f.parts[1].id == 'G' && f.parts[2].id == 'B')
}
