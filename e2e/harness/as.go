package harness

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// As says who looks at a page, and with what.
type As func(*visitor)

// visitor is a person in front of a screen. The zero value is one with a desktop, a light theme, JavaScript, and less
// motion: the fades of a page would make its colours a matter of timing.
type visitor struct {
	width, height int64
	phone         bool
	dark          bool
	motion        bool
	noScript      bool
	framed        bool
	language      string
}

// Dark prefers a dark page.
func Dark(v *visitor) { v.dark = true }

// Phone has a screen of 390 × 844, and fingers.
func Phone(v *visitor) { v.width, v.height, v.phone = 390, 844, true }

// NoScript has JavaScript switched off.
func NoScript(v *visitor) { v.noScript = true }

// Motion has nothing against movement.
func Motion(v *visitor) { v.motion = true }

// Speaking reads a language first, such as "es".
func Speaking(language string) As { return func(v *visitor) { v.language = language } }

// Framed has a window of that many pixels and no scroll bars, for pictures of pages.
func Framed(width, height int64) As {
	return func(v *visitor) { v.width, v.height, v.framed = width, height, true }
}

// prepare makes a fresh tab that visitor's.
func (v *visitor) prepare() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: v.width, Height: v.height, DeviceScaleFactor: 1,
			Mobile: v.phone || v.framed, // else the page leaves room for a scroll bar
		})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: v.phone})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, emulation.SetScrollbarsHidden, emulation.SetScrollbarsHiddenParams{Hidden: v.framed})
		if err != nil {
			return err
		}
		scheme, motion := "light", "reduce"
		if v.dark {
			scheme = "dark"
		}
		if v.motion {
			motion = "no-preference"
		}
		_, err = cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				{Name: "prefers-reduced-motion", Value: motion},
			},
		})
		if err != nil {
			return err
		}
		if _, err = setScript(!v.noScript)(ctx, t); err != nil {
			return err
		}
		_, err = cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"Accept-Language": v.language},
		})
		return err
	})
}

// setScript switches the page's scripts on or off.
func setScript(on bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
		return err
	})
}
