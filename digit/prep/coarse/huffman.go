package coarse

import "encoding/binary"

// quick is how many bits one look into a table decides: few codes are longer.
const quick = 10

// huffman is a table of codes (C.2).
type huffman struct {
	first [1 << quick]uint16 // value<<8 | length of the code that the next bits begin with; 0: a longer one, or none
	// Of a table for all terms but the constant one, where the next bits hold a coefficient with its code:
	// coefficient<<16 | zeros before it<<8 | bits of both. 0: they hold no coefficient, or a part of one.
	whole [1 << quick]int32
	// Of longer codes, by length:
	least [17]int32 // the first code
	most  [17]int32 // the last one, -1 for none
	index [17]int32 // the first one's place in values
	value []byte
}

// newHuffman returns the table with so many codes of each length from 1 to 16, nil where there can be no such table.
func newHuffman(counts [16]byte, values []byte) *huffman {
	h := &huffman{value: append([]byte(nil), values...)}
	code, at := int32(0), int32(0)
	for i, n := range counts {
		length := i + 1
		h.least[length], h.most[length], h.index[length] = code, code+int32(n)-1, at
		if n == 0 {
			h.most[length] = -1
		}
		if code+int32(n) > 1<<length {
			return nil
		}
		for range n {
			if length <= quick {
				from := code << (quick - length)
				for k := range int32(1) << (quick - length) {
					h.first[from+k] = uint16(values[at])<<8 | uint16(length)
				}
			}
			code++
			at++
		}
		code <<= 1
	}
	h.join()
	return h
}

// join fills whole.
func (h *huffman) join() {
	for next, v := range h.first {
		length, size := int(v&0xff), int(v>>8&15)
		if length == 0 || size == 0 || length+size > quick {
			continue
		}
		value := extended(uint64(next)<<(64-quick+length), size)
		h.whole[next] = value<<16 | int32(v>>12)<<8 | int32(length+size)
	}
}

// bits are the scan's data, without the zeros that are stuffed behind bytes of ones.
type bits struct {
	content []byte
	at      int    // of the next byte that isn't in buffer
	buffer  uint64 // the next bits, from the highest on
	n       int    // how many; past the data's end they are zeros
	lent    int    // zeros that were added past the end
}

// fill brings at least 48 bits into the buffer.
func (b *bits) fill() {
	if b.at+8 <= len(b.content) {
		next := binary.BigEndian.Uint64(b.content[b.at:])
		// No byte of ones among the eight: none of the complement's bytes is 0.
		if c := ^next; (c-0x0101010101010101)&next&0x8080808080808080 == 0 {
			b.buffer |= next >> b.n
			taken := (64 - b.n) / 8
			b.at += taken
			b.n += 8 * taken
			b.buffer &= ^uint64(0) << (64 - b.n)
			return
		}
	}
	for b.n <= 56 {
		v := byte(0)
		switch {
		case b.at+1 >= len(b.content):
			b.lent += 8
		case b.content[b.at] != 0xff:
			v = b.content[b.at]
			b.at++
		case b.content[b.at+1] == 0:
			v = 0xff
			b.at += 2
		default: // a marker
			b.lent += 8
		}
		b.buffer |= uint64(v) << (56 - b.n)
		b.n += 8
	}
}

// skip takes n bits out of the buffer.
func (b *bits) skip(n int) {
	b.buffer <<= n
	b.n -= n
}

// overrun reports whether bits were used that the data doesn't have.
func (b *bits) overrun() bool { return b.lent > b.n }

// long reads a code of more than quick bits; length 0 means that there is none.
func (h *huffman) long(buffer uint64) (value byte, length int) {
	for n := quick + 1; n <= 16; n++ {
		code := int32(buffer >> (64 - n))
		if h.most[n] >= 0 && code <= h.most[n] && code >= h.least[n] {
			return h.value[h.index[n]+code-h.least[n]], n
		}
	}
	return 0, 0
}
