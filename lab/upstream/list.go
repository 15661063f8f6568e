package upstream

import (
	"strings"

	"cifra"
)

// facts are universities by country: the country's name, its code, and then "name|domain" or "name|domain|state".
var facts = []struct {
	country, code string
	list          []string
}{
	{"Argentina", "AR", []string{
		"Universidad de Buenos Aires|uba.ar", "Universidad Nacional de Córdoba|unc.edu.ar", "Universidad Nacional de La Plata|unlp.edu.ar",
		"Universidad Nacional de Rosario|unr.edu.ar", "Universidad Nacional de Tucumán|unt.edu.ar",
	}},
	{"Chile", "CL", []string{
		"Universidad de Chile|uchile.cl", "Pontificia Universidad Católica de Chile|uc.cl", "Universidad de Concepción|udec.cl",
		"Universidad de Santiago de Chile|usach.cl", "Universidad Austral de Chile|uach.cl",
	}},
	{"Germany", "DE", []string{
		"Universität Heidelberg|uni-heidelberg.de", "Technische Universität München|tum.de", "Humboldt-Universität zu Berlin|hu-berlin.de",
		"Georg-August-Universität Göttingen|uni-goettingen.de", "Universität Leipzig|uni-leipzig.de", "RWTH Aachen|rwth-aachen.de",
	}},
	{"Spain", "ES", []string{
		"Universidad de Salamanca|usal.es", "Universidad Complutense de Madrid|ucm.es", "Universitat de Barcelona|ub.edu",
		"Universitat Politècnica de València|upv.es", "Universidad de Granada|ugr.es", "Universidad de Sevilla|us.es",
	}},
	{"France", "FR", []string{
		"Sorbonne Université|sorbonne-universite.fr", "École polytechnique|polytechnique.edu", "Université de Strasbourg|unistra.fr",
		"Université de Montpellier|umontpellier.fr", "Université Grenoble Alpes|univ-grenoble-alpes.fr",
	}},
	{"Italy", "IT", []string{
		"Università di Bologna|unibo.it", "Università degli Studi di Padova|unipd.it", "Sapienza Università di Roma|uniroma1.it",
		"Politecnico di Milano|polimi.it", "Università di Pisa|unipi.it",
	}},
	{"Japan", "JP", []string{
		"University of Tokyo|u-tokyo.ac.jp", "Kyoto University|kyoto-u.ac.jp", "Osaka University|osaka-u.ac.jp",
		"Tohoku University|tohoku.ac.jp", "Hokkaido University|hokudai.ac.jp",
	}},
	{"Mexico", "MX", []string{
		"Universidad Nacional Autónoma de México|unam.mx", "Instituto Politécnico Nacional|ipn.mx", "Universidad de Guadalajara|udg.mx",
		"Universidad Autónoma de Nuevo León|uanl.mx", "Universidad Veracruzana|uv.mx",
	}},
	{"Russian Federation", "RU", []string{
		"Lomonosov Moscow State University|msu.ru", "Saint Petersburg State University|spbu.ru", "Novosibirsk State University|nsu.ru",
		"Kazan Federal University|kpfu.ru", "Tomsk State University|tsu.ru", "ITMO University|itmo.ru",
	}},
	{"United States", "US", []string{
		"Massachusetts Institute of Technology|mit.edu|Massachusetts", "Stanford University|stanford.edu|California",
		"University of California, Berkeley|berkeley.edu|California", "University of Michigan|umich.edu|Michigan",
		"University of Texas at Austin|utexas.edu|Texas", "University of Washington|washington.edu|Washington",
	}},
}

// All returns every university that the stand-in knows, by country and name.
func All() []cifra.University {
	var all []cifra.University
	for _, c := range facts {
		for _, line := range c.list {
			part := strings.Split(line, "|")
			u := cifra.University{
				Name: part[0], Country: c.country, Code: c.code, Domains: []string{part[1]}, Pages: []string{"https://www." + part[1] + "/"},
			}
			if len(part) > 2 {
				u.State = &part[2]
			}
			all = append(all, u)
		}
	}
	return all
}

// Countries returns the countries that the stand-in knows.
func Countries() []string {
	var names []string
	for _, c := range facts {
		names = append(names, c.country)
	}
	return names
}
