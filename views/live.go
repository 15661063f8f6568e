package views

import (
	"encoding/json"
	"fmt"

	"github.com/a-h/templ"

	"cifra"
	"cifra/i18n"
)

// show makes what the pages of a room show of an event, from the event's data alone, and a sentence for who can't see it.
type show func(p Page, data json.RawMessage) (fragment templ.Component, said string, err error)

// showOf is how the pages of a room show events of a kind; nil where they show nothing. A fragment's elements say where
// they belong: data-live-into names the list that they are put into, at its start; without it, or where the page has it
// already, they take the place of the element that has their id. Where a page has neither, it doesn't change.
func showOf(room string, kind cifra.EventKind) show {
	switch room {
	case "admin":
		return showToAdmins(kind)
	case "lab":
		if kind == cifra.EventCacheFlushed {
			return showFlushed
		}
		return nil
	case "wall":
		return showToRoom(kind)
	default:
		return nil
	}
}

// showToRoom is what the wall shows.
func showToRoom(kind cifra.EventKind) show {
	switch kind {
	case cifra.EventWallShown:
		return showWallDrawing
	case cifra.EventWallHidden:
		return showWallGone
	default:
		return nil
	}
}

func showToAdmins(kind cifra.EventKind) show {
	switch kind {
	case cifra.EventCacheFlushed:
		return showFlushed
	case cifra.EventNewFeedback:
		return showNewFeedback
	case cifra.EventFeedbackDecided, cifra.EventFeedbackWithdrawn:
		return showFeedback
	case cifra.EventRetrainProgress, cifra.EventRetrainFinished:
		return showRetraining
	case cifra.EventModelPromoted:
		return showPromoted
	default:
		return nil
	}
}

// Live returns what the pages of a room show of an event, and a sentence for who can't see it; nil where they show nothing.
func Live(w *i18n.Printer, room string, e cifra.Event) (fragment templ.Component, said string, err error) {
	show := showOf(room, e.Kind)
	if show == nil {
		return nil, "", nil
	}
	fragment, said, err = show(Page{Words: w, Path: "/" + room, Now: e.At, AssetsBuilt: true, Seq: e.Seq}, e.Data)
	if err != nil {
		return nil, "", fmt.Errorf("views: %s: %w", e.Kind, err)
	}
	return fragment, said, nil
}
