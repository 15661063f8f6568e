package cifra

import "sync"

// Form keeps what a remembered value is written as, such as its JSON, so that it is written once, however often it is
// given. It belongs to that very value, lives as long as it is remembered, and is safe for concurrent use.
type Form struct {
	once sync.Once
	text []byte
	err  error
}

// Of returns the form, which write makes for whoever asks first; of a value that is not remembered, whose Form is nil, for
// everybody. Nobody may change it. A value has one form: every write must make the same of it.
func (f *Form) Of(write func() ([]byte, error)) ([]byte, error) {
	if f == nil {
		return write()
	}
	f.once.Do(func() { f.text, f.err = write() })
	return f.text, f.err
}
