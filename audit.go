package cifra

import "time"

// Audit is one line of the book of who did what. Lines are only ever added.
type Audit struct {
	ID       int64
	UserID   int64  // 0 for a guest or nobody
	Username string // as it was then
	Action   Action
	Details  string // one line without secrets, 500 characters at most
	IP       string
	At       time.Time
}

// AuditFilter chooses lines of the book.
type AuditFilter struct {
	Like  Audit     // only lines with the same UserID, Username and Action, where it has them
	From  time.Time // not before; zero for from the first
	Until time.Time // before; zero for to the last
}

// Action names what was done.
type Action string

// The actions.
const (
	ActionRegister    Action = "register"
	ActionLogin       Action = "login"
	ActionLoginFailed Action = "login_failed"
	ActionLogout      Action = "logout"
	ActionSetup       Action = "setup"
	ActionRole        Action = "role"
	ActionAdminCreate Action = "admin_create"
	ActionPassword    Action = "password_set"
	ActionPredictV1   Action = "predict_v1"
	ActionPredictV2   Action = "predict_v2"
	ActionDelete      Action = "prediction_delete"
	ActionFeedback    Action = "feedback"
	ActionReview      Action = "feedback_review"
	ActionWithdraw    Action = "feedback_withdraw"
	ActionToken       Action = "token"
	ActionUserDelete  Action = "user_delete"
	ActionShare       Action = "prediction_share"
	ActionPromote     Action = "model_promote"
	ActionRollback    Action = "model_rollback"
	ActionRetrain     Action = "retrain"
	ActionRetrainStop Action = "retrain_cancel"
	ActionDiscard     Action = "retrain_discard"
	ActionDisable     Action = "user_disable"
	ActionEnable      Action = "user_enable"
	ActionSessionsEnd Action = "sessions_end"
	ActionLift        Action = "lockout_lift"
	ActionResetMake   Action = "password_reset"
	ActionHold        Action = "model_hold"    // for comparison
	ActionRelease     Action = "model_release" // from it
	ActionRefused     Action = "refused"       // a security refusal

	ActionPersonSave    Action = "person_save"
	ActionProductAdd    Action = "product_add"
	ActionProductSet    Action = "product_set"
	ActionProductDelete Action = "product_delete"
	ActionSaleAdd       Action = "sale_add"
	ActionFlush         Action = "cache_flush"
	ActionUnflush       Action = "cache_unflush"
	ActionReset         Action = "demo_reset"
	ActionWhatIf        Action = "what_if"
	ActionWallHide      Action = "wall_hide"
)

// Actions returns every action, in the order in which to offer them.
func Actions() []Action {
	return []Action{
		ActionLogin, ActionLoginFailed, ActionLogout, ActionRegister, ActionSetup, ActionAdminCreate, ActionRole, ActionPassword,
		ActionResetMake, ActionDisable, ActionEnable, ActionSessionsEnd, ActionLift, ActionToken, ActionUserDelete,
		ActionPredictV1, ActionPredictV2, ActionDelete, ActionShare,
		ActionFeedback, ActionReview, ActionWithdraw,
		ActionPromote, ActionRollback, ActionRetrain, ActionRetrainStop, ActionDiscard, ActionHold, ActionRelease,
		ActionPersonSave, ActionProductAdd, ActionProductSet, ActionProductDelete, ActionSaleAdd, ActionFlush, ActionUnflush, ActionReset,
		ActionWhatIf, ActionWallHide,
		ActionRefused,
	}
}
