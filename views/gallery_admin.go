package views

import (
	"time"

	"cifra"
)

// asAdmin is a page of the admin's side.
func (g gallery) asAdmin(path string) Page {
	p := g.at(path)
	p.Username, p.Admin = "ana", true
	return p
}

func (g gallery) audit() []State {
	p := g.asAdmin("/admin/audit")
	at := func(back time.Duration) time.Time { return sampleNow.Add(-back) }
	lines := []cifra.Audit{
		{ID: 9, Username: "ana", Action: cifra.ActionPromote, Details: "v2-9f3a1c2e instead of v2-41d7e0b3: reads crossed sevens", At: at(0)},
		{ID: 8, Username: "guest-004711000815123", Action: cifra.ActionPredictV2, Details: "id=" + sampleID + " digit=7 source=model model=v2-9f3a1c2e", At: at(41 * time.Second)},
		{ID: 7, Username: "-", Action: cifra.ActionLoginFailed, Details: "name=<script>alert(1)</script>", At: at(9 * time.Minute)},
		{ID: 6, Username: "maria-dolores.de-la-fuente_y-santiago-de-compostela-1234567890ab", Action: cifra.ActionLogin, At: at(3 * time.Hour)},
		{ID: 5, Username: "iván", Action: "something_new", Details: "of a later version", At: at(30 * time.Hour)},
	}
	return []State{
		{"audit", Audit(p, AuditView{Lines: lines, First: true, NextURL: "/admin/audit?after=5", FirstURL: "/admin/audit", ExportURL: "/admin/audit/export"})},
		{"audit-filtered", Audit(p, AuditView{
			Username: "ana", Action: cifra.ActionPromote, From: "2026-03-01", Until: "2026-03-14", Filtered: true,
			Lines: lines[:1], FirstURL: "/admin/audit?username=ana", ExportURL: "/admin/audit/export?username=ana",
		})},
		{"audit-none", Audit(p, AuditView{First: true, Username: "eva", Filtered: true, ExportURL: "/admin/audit/export?username=eva"})},
	}
}
