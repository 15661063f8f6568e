package handlers

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"cifra"
)

// exportBatch is how many predictions are read at once for an export.
const exportBatch = 100

// exportColumns are the columns of a history as CSV.
var exportColumns = []string{"id", "created_at", "prediccion", "probabilidad", "segura", "motivo", "version", "modelo", "source", "cached", "file_name", "shared"}

// GetHistoryCSV gives the filtered history as CSV (RFC 4180), row by row.
func (s *Site) GetHistoryCSV(c echo.Context) error {
	return s.export(c, "text/csv; charset=utf-8", "csv", func(each func(func(*cifra.Recognition) error) error) error {
		w := csv.NewWriter(c.Response())
		if err := w.Write(exportColumns); err != nil {
			return err
		}
		err := each(func(r *cifra.Recognition) error {
			return w.Write(cells(
				r.ID, wireTime(r.CreatedAt), strconv.Itoa(r.Reading.Digit),
				strconv.FormatFloat(r.Reading.Probability, 'f', -1, 64), strconv.FormatBool(r.Reading.Sure), string(r.Reading.Reason),
				string(r.API), r.Reading.Model, string(r.Provenance.Source), strconv.FormatBool(r.Provenance.Cached()),
				r.FileName, strconv.FormatBool(r.Shared),
			))
		})
		w.Flush()
		if err == nil {
			err = w.Error()
		}
		return err
	})
}

// GetHistoryJSON gives the filtered history as one JSON list, row by row.
func (s *Site) GetHistoryJSON(c echo.Context) error {
	return s.export(c, echo.MIMEApplicationJSON, "json", func(each func(func(*cifra.Recognition) error) error) error {
		w := c.Response()
		before := `{"items":[`
		err := each(func(r *cifra.Recognition) error {
			b, err := json.Marshal(s.keptJSON(c, r))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%s\n%s", before, b)
			before = ","
			return err
		})
		if err != nil {
			return err
		}
		if before == "," {
			before = ""
		}
		_, err = fmt.Fprintf(w, "%s\n]}\n", before)
		return err
	})
}

// export answers with a file into which write puts each prediction of the filtered history. The first page is read
// before anything is sent, so that a history that can't be read is still refused properly.
func (s *Site) export(c echo.Context, kind, ending string, write func(each func(func(*cifra.Recognition) error) error) error) error {
	filter, err := historyFilter(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	items, next, err := s.History.History(ctx, filter, "", exportBatch)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set(echo.HeaderContentDisposition, `attachment; filename="cifra-history.`+ending+`"`)
	h.Set(echo.HeaderCacheControl, "no-store")
	c.Response().WriteHeader(http.StatusOK)
	return write(func(row func(*cifra.Recognition) error) error {
		return s.walk(ctx, filter, items, next, row)
	})
}

// walk calls row with each prediction, page after page from a first one.
func (s *Site) walk(ctx context.Context, f cifra.HistoryFilter, items []cifra.Recognition, next string, row func(*cifra.Recognition) error) error {
	for {
		for i := range items {
			if err := row(&items[i]); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		var err error
		if items, next, err = s.History.History(ctx, f, next, exportBatch); err != nil {
			return err
		}
	}
}
