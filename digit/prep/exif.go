package prep

import (
	"bytes"
	"strings"

	"github.com/bep/imagemeta"
)

// orientation returns the EXIF turn of a file, 1 (upright) to 8, 1 where there is none or its notes are broken:
// a picture whose notes cannot be read can still be looked at.
func orientation(k kind, content []byte) int {
	var format imagemeta.ImageFormat
	switch k {
	case kindJPEG:
		format = imagemeta.JPEG
	case kindPNG:
		format = imagemeta.PNG
	case kindWebP:
		format = imagemeta.WebP
	case kindGIF, kindHEIC, kindNone:
		return 1
	}
	turn := 1
	_, err := imagemeta.Decode(imagemeta.Options{
		R:           bytes.NewReader(content),
		ImageFormat: format,
		Sources:     imagemeta.EXIF,
		// Only the picture's own directory: IFD1 turns the thumbnail.
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return t.Tag == "Orientation" && strings.HasPrefix(t.Namespace, "IFD0") && !strings.Contains(t.Namespace, "/")
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && v >= 1 && v <= 8 {
				turn = int(v)
			}
			return imagemeta.ErrStopWalking
		},
		LimitNumTags: 1000,
		LimitTagSize: 1000,
	})
	if err != nil {
		return 1
	}
	return turn
}
