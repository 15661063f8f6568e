package cifra

import "time"

// Side is the width and the height, in pixels, of the picture that a model sees.
const Side = 28

// Pixels is how many pixels a model sees.
const Pixels = Side * Side

// Picture is an upload made ready for a model: what the model saw, and how it came to be.
type Picture struct {
	Hash        string   `json:"hash"`        // hex SHA-256 of the bytes that were uploaded
	Preparation string   `json:"preparation"` // version of the preparation that made Views
	Views       []byte   `json:"views"`       // n×784 bytes, row by row: 0 background, 255 ink; the first view is the one to show
	Steps       []string `json:"steps"`       // what was done on the way, in order; one of the Step constants each
	Boxes       []Box    `json:"boxes"`       // where the digits were found, in reading order; empty for a blank picture
	Ink         Ink      `json:"ink"`         // measurements on which "not sure" rests
	Width       int      `json:"width"`       // of the upload, in pixels, after the EXIF turn
	Height      int      `json:"height"`      // of the upload, in pixels, after the EXIF turn
	Thumbnail   []byte   `json:"thumbnail"`   // PNG of at most 160×160, encoded anew from the decoded pixels
	Format      string   `json:"format"`      // "png", "jpeg", "gif" or "webp"
	Parts       []Part   `json:"-"`           // what wide pieces of ink may be cut into; for the reading alone, never kept
}

// Part is a stretch of a piece of ink that may be several digits which touch: from one place where it can be cut to a
// later one.
type Part struct {
	Piece    int // index of the piece in Boxes
	From, To int // cuts, counted from 0, the piece's left side; the largest To is its right side
	View     []byte
	Box      Box
}

// Box is a rectangle in the upload's pixels, after the EXIF turn.
type Box struct{ X, Y, W, H int }

// Ink is what was measured of the drawing, before any network looked at it.
type Ink struct {
	Fraction   float64 `json:"fraction"`   // share of the working picture that is ink, 0 to 1
	Contrast   float64 `json:"contrast"`   // ink against paper, 0 to 255
	Components int     `json:"components"` // separate pieces of ink that were worth counting
	Stroke     float64 `json:"stroke"`     // median stroke width as a share of the digit's height
}

// Steps that a preparation may report. The Result page says them in the reader's language
// (message keys "step.turned" and so on).
const (
	StepTurned    = "turned"    // by the camera's EXIF note
	StepAlpha     = "alpha"     // transparency laid on white
	StepShrunk    = "shrunk"    // to the working size
	StepFlattened = "flattened" // uneven light divided out
	StepInverted  = "inverted"  // light ink on a dark ground
	StepLines     = "lines"     // ruled or squared lines removed
	StepSpecks    = "specks"    // specks and page edges left out
	StepCropped   = "cropped"   // to the digit
	StepStroke    = "stroke"    // stroke width brought to the usual one
	StepCentred   = "centred"   // by its centre of mass
	StepAgain     = "again"     // seen in another way, since the usual one showed no digit
	StepPlain     = "plain"     // a small picture, taken as it is
)

// Reason says why a reading is not sure. Empty means that it is.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	ReasonNone     Reason = ""
	ReasonBlank    Reason = "blank"
	ReasonFaint    Reason = "faint"
	ReasonSeveral  Reason = "several"
	ReasonNotDigit Reason = "not-a-digit"
	ReasonUnsure   Reason = "unsure"
)

// Reading is what a model says about one picture.
type Reading struct {
	Model         string      `json:"model"`         // version of the model, "v2-" and the start of its SHA-256
	Digit         int         `json:"digit"`         // 0 to 9, always: the likeliest even where it is not sure
	Probability   float64     `json:"probability"`   // of Digit, calibrated, 0 to 1
	Probabilities [10]float64 `json:"probabilities"` // by digit, calibrated, sum 1
	Sure          bool        `json:"sure"`
	Reason        Reason      `json:"reason"` // why it is not sure; "" where Sure
	Digits        []ReadDigit `json:"digits"` // every digit found, in reading order
}

// ReadDigit is one digit of a line of digits.
type ReadDigit struct {
	Digit       int     `json:"digit"`
	Probability float64 `json:"probability"`
	Box         Box     `json:"box"`
}

// Prediction is one answer of a model about one upload, kept for the one who asked.
type Prediction struct {
	ID         string // cannot be guessed: 26 characters of base 32; "" where nothing was kept
	UserID     int64  // 0 for a guest
	Guest      string // the guest's name, "" for a user
	API        API
	ImageHash  string // Picture.Hash
	FileName   string // as the client gave it, cleaned, 255 characters at most; "" for a drawing
	Reading    Reading
	Provenance Provenance
	CreatedAt  time.Time
	Shared     bool // whoever has the address may see it
}

// Owns reports whether a asked for p, as a user or as a guest.
func (a Actor) Owns(p *Prediction) bool {
	if p.UserID != 0 {
		return a.UserID() == p.UserID
	}
	return p.Guest != "" && a.Guest == p.Guest
}

// Upload is a picture that somebody sent, with what they asked for.
type Upload struct {
	API     API
	Name    string // the file's name as the client gave it
	Content []byte // the bytes of the file
	Keep    bool   // false: keep nothing but the cached answer
	Trace   bool   // record the waterfall
}

// Recognition is a prediction together with the picture that the model saw.
type Recognition struct {
	Prediction
	Picture Picture
}
