package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/views"
)

// Predictor reads uploads. [cifra/predict.Service] is one.
type Predictor interface {
	// Predict answers one upload, and keeps the answer where the upload says so.
	Predict(ctx context.Context, up cifra.Upload) (*cifra.Recognition, error)
	// Compare reads a picture that was already prepared with the model of another API.
	Compare(ctx context.Context, pic *cifra.Picture, api cifra.API) (*cifra.Recognition, error)
	// Guess reads an upload and remembers nothing of it.
	Guess(ctx context.Context, up cifra.Upload) (*cifra.Recognition, error)
}

// GetHome shows the page on which digits are drawn and uploaded.
func (s *Site) GetHome(c echo.Context) error {
	return render(c, http.StatusOK, views.Home(s.page(c), s.homeView(c, cifra.API(c.QueryParam("api")))))
}

// PostPredict takes an upload and answers which digit it shows: a page, a fragment of one, or JSON.
// Where api is empty (the page's form) the form's field "api" chooses, v2 unless it is given.
func (s *Site) PostPredict(api cifra.API) echo.HandlerFunc {
	return func(c echo.Context) error {
		isPage := api == ""
		f, err := readForm(c.Response(), c.Request(), isPage)
		if err == nil {
			err = f.withExample(s.Examples)
		}
		if err != nil {
			return s.refused(c, err)
		}
		api := api
		if isPage {
			api = chosenAPI(f.fields["api"])
		}
		answers, failed, err := s.predictAll(c, api, f)
		if err != nil {
			return s.refused(c, err)
		}
		if len(answers)+len(failed) > 1 {
			return s.showSeveral(c, answers, failed)
		}
		if len(failed) == 1 {
			return s.refused(c, failed[0].err)
		}
		return s.showOne(c, answers[0])
	}
}

// withExample takes the bytes of one of the page's own drawings, where the form asks for one, and else holds
// that there is a file.
func (f *form) withExample(examples Examples) error {
	if name := f.fields["example"]; name != "" {
		content, fileName, ok := examples.File(name)
		if !ok {
			return cifra.E(cifra.NotFound, "error.not-found")
		}
		f.files, f.failed = []file{{fileName, content}}, nil
	}
	if len(f.files)+len(f.failed) == 0 {
		return cifra.E(cifra.Invalid, "error.file.missing")
	}
	return nil
}

// predictAll answers each file of the form. A file that cannot be read does not spoil the others; an error that is not
// one file's ends it all.
func (s *Site) predictAll(c echo.Context, api cifra.API, f *form) ([]*cifra.Recognition, []failure, error) {
	keep := f.fields["keep"] != "false"
	if keep { // before the answer is shown, so that it is shown as their own
		if err := s.asGuest(c); err != nil {
			return nil, nil, err
		}
	}
	ctx := c.Request().Context()
	var answers []*cifra.Recognition
	failed := f.failed
	for _, file := range f.files {
		r, err := s.Predict.Predict(ctx, cifra.Upload{
			API: api, Name: file.name, Content: file.content, Keep: keep, Trace: wantsHTML(c) || s.privileged(c),
		})
		var refusal *cifra.Error
		switch {
		case err == nil:
			answers = append(answers, r)
			if err := s.ontoWall(c, f, r); err != nil {
				return nil, nil, err
			}
		case errors.As(err, &refusal) && refusal.Code != cifra.Unavailable && refusal.Code != cifra.Internal:
			failed = append(failed, failure{file.name, refusal})
		default:
			return nil, nil, err
		}
	}
	return answers, failed, nil
}

// showOne gives one answer as the client wants it.
func (s *Site) showOne(c echo.Context, r *cifra.Recognition) error {
	s.provenanceHeaders(c, r.Provenance)
	if !wantsHTML(c) {
		return answerJSON(c, http.StatusOK, s.predictionJSON(c, r))
	}
	if r.ID != "" && !fromHTMX(c) {
		return see(c, "/r/"+r.ID)
	}
	v, err := s.resultView(c, r)
	if err != nil {
		return err
	}
	if fromHTMX(c) {
		return render(c, http.StatusOK, views.Answer(s.page(c), v))
	}
	return render(c, http.StatusOK, views.Result(s.page(c), v))
}

// showSeveral gives the answers of several files as one page. Where all of them were kept, that page has an address.
func (s *Site) showSeveral(c echo.Context, answers []*cifra.Recognition, failed []failure) error {
	query := url.Values{}
	for _, r := range answers {
		if r.ID != "" {
			query.Add("id", r.ID)
		}
	}
	if !fromHTMX(c) && len(failed) == 0 && len(query["id"]) == len(answers) {
		return see(c, "/results?"+query.Encode())
	}
	return s.renderSeveral(c, answers, failed)
}

func (s *Site) renderSeveral(c echo.Context, answers []*cifra.Recognition, failed []failure) error {
	var shown []views.ResultView
	for _, r := range answers {
		v, err := s.resultView(c, r)
		if err != nil {
			return err
		}
		shown = append(shown, v)
	}
	var refused []views.FailureView
	for _, f := range failed {
		refused = append(refused, views.FailureView{FileName: f.name, Message: words(c).ErrorOf(f.err)})
	}
	status := http.StatusOK
	if len(answers) == 0 {
		status = http.StatusUnprocessableEntity
	}
	if fromHTMX(c) {
		return render(c, status, views.AnswersFragment(s.page(c), shown, refused))
	}
	return render(c, status, views.Answers(s.page(c), shown, refused))
}

// GetResults shows several kept answers at once.
func (s *Site) GetResults(c echo.Context) error {
	var answers []*cifra.Recognition
	ids := c.QueryParams()["id"]
	if len(ids) == 0 || len(ids) > maxFiles {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	for _, id := range ids {
		r, err := s.Predictions.Recognition(c.Request().Context(), id)
		if err != nil {
			return err
		}
		answers = append(answers, r)
	}
	return s.renderSeveral(c, answers, nil)
}

// PostGuess reads what is on the pad while it is being drawn. Nothing of it is kept, not even in the cache.
func (s *Site) PostGuess(c echo.Context) error {
	f, err := readForm(c.Response(), c.Request(), false)
	if err != nil {
		return err
	}
	if len(f.files) == 0 {
		return cifra.E(cifra.Invalid, "error.file.missing")
	}
	r, err := s.Predict.Guess(c.Request().Context(), cifra.Upload{API: chosenAPI(f.fields["api"]), Content: f.files[0].content})
	if err != nil {
		return err
	}
	return render(c, http.StatusOK, views.Guess(s.page(c), views.GuessView{
		Digit: r.Reading.Digit, Probability: r.Reading.Probability, Sure: r.Reading.Sure, Reason: r.Reading.Reason,
	}))
}

// refused gives the refusal of an upload: to the page's script as a fragment, to a form by the form again, else as a problem.
func (s *Site) refused(c echo.Context, err error) error {
	var refusal *cifra.Error
	if !wantsHTML(c) || !errors.As(err, &refusal) || refusal.Code == cifra.Internal || refusal.Code == cifra.Unavailable {
		return err
	}
	said := words(c).Error(refusal)
	if fromHTMX(c) {
		return render(c, http.StatusUnprocessableEntity, views.AnswerError(s.page(c), said))
	}
	v := s.homeView(c, "")
	v.Error = said
	return render(c, http.StatusUnprocessableEntity, views.Home(s.page(c), v))
}

func chosenAPI(name string) cifra.API {
	if a := cifra.API(name); a.Valid() {
		return a
	}
	return cifra.V2
}
