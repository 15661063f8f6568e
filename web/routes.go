package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"cifra"
	"cifra/handlers"
	"cifra/static"
)

// routes is the whole map of the site. Who may enter is visible here: a group that needs a sign-in says so.
func (s *server) routes(e *echo.Echo, h *handlers.Site) {
	// Without a session: what balancers and browsers' caches ask.
	e.GET("/health", h.GetHealth)
	e.GET("/readyz", h.GetReady)
	e.GET("/static/*", echo.WrapHandler(http.StripPrefix("/static/", static.Handler())))
	e.GET("/favicon.ico", func(c echo.Context) error { return c.Redirect(http.StatusFound, static.URL("favicon.svg")) })
	e.GET("/openapi.yaml", s.getOpenAPI("application/yaml"))
	e.GET("/openapi.json", s.getOpenAPI("application/json"))
	e.GET("/apispec_1.json", s.getOpenAPI("application/json"))

	// Pages, for everyone.
	site := e.Group("", s.sessions.load, s.actor)
	site.GET("/", h.GetHome)
	site.POST("/predict", h.PostPredict(""))
	site.POST("/guess", h.PostGuess)
	site.GET("/results", h.GetResults)
	site.GET("/r/:id", h.GetResult)
	site.POST("/r/:id/delete", h.PostDelete)
	site.GET("/login", h.GetLogin)
	site.POST("/login", h.PostLogin)
	site.GET("/register", h.GetRegister)
	site.POST("/register", h.PostRegister)
	site.POST("/logout", h.PostLogout)
	site.GET("/setup", h.GetSetup)
	site.POST("/setup", h.PostSetup)
	site.POST("/language", h.PostLanguage)
	site.POST("/theme", h.PostTheme)
	site.GET("/lab", h.GetLab)
	site.GET("/lab/people", h.GetPeople)
	site.GET("/lab/universities", h.GetUniversitiesPage)
	site.GET("/lab/products", h.GetProductsPage)
	site.GET("/lab/products/:id", h.GetProductPage)
	site.GET("/lab/sales", h.GetSalesPage)
	site.POST("/lab/sales", h.PostSale, h.LabBuyer)
	site.POST("/lab/people/:id", h.PostPerson, h.LabEditor)
	site.POST("/lab/products", h.PostProduct, h.LabEditor)
	site.POST("/lab/products/:id", h.PutProduct, h.LabEditor)
	site.POST("/lab/products/:id/delete", h.DeleteProduct, h.LabEditor)
	site.GET("/universities", h.GetUniversities(true), s.validate)
	site.POST("/feedback", h.PostFeedback)
	site.POST("/feedback/:id/undo", h.PostFeedbackUndo)
	site.GET("/live/:room", h.GetOpenLive)
	site.GET("/docs/", h.GetDocs)
	site.GET("/docs", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/docs/") })

	// What Prometheus is told, for an admin to look at; Prometheus itself asks at CIFRA_DEBUG_ADDR.
	site.GET("/metrics", echo.WrapHandler(s.Prometheus), adminOnly)

	// Pages, for admins. The short paths of the old systems among them answer programs too.
	admin := site.Group("/admin", adminOnly, h.NoteSeq)
	admin.GET("/live", h.GetLive)
	admin.GET("", h.GetNow)
	admin.GET("/feedback", h.GetFeedback)
	admin.POST("/feedback/:id", h.PostDecision)
	admin.GET("/feedback/:id/drawing", h.GetDrawing)
	admin.GET("/report", h.GetReport)
	admin.GET("/report/export", h.GetReportExport)
	admin.GET("/audit", h.GetAudit)
	admin.GET("/audit/export", h.GetAuditExport)
	admin.GET("/retrain", h.GetRetrain)
	admin.POST("/retrain", h.PostRetrain)
	admin.GET("/retrain/:id", h.GetRetrainRun)
	admin.GET("/retrain/:id/state", h.GetRetrainState)
	admin.POST("/retrain/:id/cancel", h.PostRetrainCancel)
	admin.POST("/retrain/:id/discard", h.PostRetrainDiscard)
	admin.GET("/models", h.GetModels)
	admin.POST("/models/:id/promote", h.PostPromote)
	admin.POST("/models/rollback", h.PostRollback)

	// The API, for everyone.
	api := e.Group("/api", s.sessions.load, s.actor, s.validate)
	api.POST("/v1/register", h.PostRegister)
	api.POST("/v1/login", h.PostLogin)
	api.POST("/v1/feedback", h.PostFeedback)
	api.GET("/v1/operations/heavy", h.GetHeavy)
	api.GET("/v1/people/:id", h.GetPerson)
	api.PUT("/v1/people/:id", h.PutPerson, h.LabEditor)
	api.GET("/v1/universities", h.GetUniversities(false))
	api.GET("/v1/products", h.GetProducts)
	api.GET("/v1/products/:id", h.GetProduct)
	api.POST("/v1/products", h.PostProduct, h.LabEditor)
	api.PUT("/v1/products/:id", h.PutProduct, h.LabEditor)
	api.DELETE("/v1/products/:id", h.DeleteProduct, h.LabEditor)
	api.GET("/v1/sales/stats", h.GetSales)
	api.POST("/v1/sales", h.PostSale, h.LabBuyer)

	// The API, signed in.
	mine := api.Group("", signedIn)
	mine.POST("/v1/logout", h.PostLogout)
	mine.POST("/v1/predict", h.PostPredict(cifra.V1))
	mine.POST("/v2/predict", h.PostPredict(cifra.V2))

	// The API, for admins.
	adminAPI := api.Group("/v1/admin", adminOnly)
	adminAPI.GET("/audit", h.GetAudit)
	adminAPI.GET("/feedback", h.GetFeedback)
	adminAPI.POST("/feedback/:id", h.PostDecision)
	adminAPI.GET("/report", h.GetReport)
	adminAPI.POST("/retrain", h.PostRetrain)
	adminAPI.GET("/retrain/:id", h.GetRetrainRun)
	adminAPI.POST("/retrain/:id/cancel", h.PostRetrainCancel)
	adminAPI.GET("/models", h.GetModels)
	adminAPI.POST("/models/:id/promote", h.PostPromote)
	adminAPI.POST("/models/rollback", h.PostRollback)
	adminAPI.GET("/events", h.GetEvents)
}
