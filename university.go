package cifra

// University is one of those that the universities' service knows. Its JSON is that service's own, which clients of the
// old systems read.
type University struct {
	Name    string   `json:"name"`
	Country string   `json:"country"`
	Code    string   `json:"alpha_two_code"` // of the country, ISO 3166
	State   *string  `json:"state-province"` // nil where there is none
	Domains []string `json:"domains"`
	Pages   []string `json:"web_pages"`
}
