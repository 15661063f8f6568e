package auth

import (
	"context"
	"sync"
	"time"

	"cifra"
)

// memoryStore is everything that auth needs of a store, in memory, keeping to the comments of the interfaces.
// The real one has tests of its own against both databases.
type memoryStore struct {
	mu       sync.Mutex // guards all below
	users    map[int64]cifra.User
	revoked  map[string]time.Time
	meta     map[string]string
	sessions map[string]memorySession
	personal map[string]cifra.Token
	resets   map[string]memoryReset
	now      func() time.Time
	audits   []cifra.Audit
	down     error // what every call returns, while it is set
	reads    int
}

type memorySession struct {
	data   []byte
	userID int64
	expiry time.Time
}

func newMemoryStore() *memoryStore {
	return &memoryStore{
		users: map[int64]cifra.User{}, revoked: map[string]time.Time{}, meta: map[string]string{}, sessions: map[string]memorySession{},
		personal: map[string]cifra.Token{}, resets: map[string]memoryReset{},
	}
}

func (m *memoryStore) enter() (leave func(), err error) {
	m.mu.Lock()
	m.reads++
	if m.down != nil {
		m.mu.Unlock()
		return func() {}, m.down
	}
	return m.mu.Unlock, nil
}

// setDown makes the store answer nothing but cifra.Unavailable, or work again.
func (m *memoryStore) setDown(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = nil
	if down {
		m.down = cifra.E(cifra.Unavailable, "error.database")
	}
}

func (m *memoryStore) change(id int64, f func(*cifra.User)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.users[id]
	f(&u)
	m.users[id] = u
}

func (m *memoryStore) User(_ context.Context, id int64) (*cifra.User, error) {
	leave, err := m.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	if u, ok := m.users[id]; ok {
		return &u, nil
	}
	return nil, cifra.E(cifra.NotFound, "error.not-found")
}

func (m *memoryStore) UserByName(_ context.Context, name string) (*cifra.User, error) {
	leave, err := m.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, u := range m.users {
		if FoldName(u.Username) == FoldName(name) {
			return &u, nil
		}
	}
	return nil, cifra.E(cifra.NotFound, "error.not-found")
}

func (m *memoryStore) AddUser(_ context.Context, u *cifra.User, a cifra.Audit) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	return m.add(u, a)
}

func (m *memoryStore) add(u *cifra.User, a cifra.Audit) error {
	for _, other := range m.users {
		if FoldName(other.Username) == FoldName(u.Username) {
			return cifra.E(cifra.Conflict, "error.username.taken")
		}
	}
	u.ID = int64(len(m.users) + 1)
	m.users[u.ID] = *u
	if a.UserID == 0 && a.Username == "" {
		a.UserID, a.Username = u.ID, u.Username
	}
	m.audits = append(m.audits, a)
	return nil
}

func (m *memoryStore) AddFirstAdmin(_ context.Context, u *cifra.User, a cifra.Audit) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	if m.hasAdmin() {
		return cifra.E(cifra.Conflict, "error.conflict")
	}
	return m.add(u, a)
}

func (m *memoryStore) HasAdmin(context.Context) (bool, error) {
	leave, err := m.enter()
	if err != nil {
		return false, err
	}
	defer leave()
	return m.hasAdmin(), nil
}

func (m *memoryStore) hasAdmin() bool {
	for _, u := range m.users {
		if u.Role == cifra.RoleAdmin {
			return true
		}
	}
	return false
}

func (m *memoryStore) KeepMeta(_ context.Context, key, value string) (string, error) {
	leave, err := m.enter()
	if err != nil {
		return "", err
	}
	defer leave()
	if _, ok := m.meta[key]; !ok {
		m.meta[key] = value
	}
	return m.meta[key], nil
}

func (m *memoryStore) DeleteMeta(_ context.Context, key string) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	delete(m.meta, key)
	return nil
}

func (m *memoryStore) SetPassword(_ context.Context, id int64, hash string, a cifra.Audit) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	u, ok := m.users[id]
	if !ok {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	u.PasswordHash = hash
	m.users[id] = u
	m.audits = append(m.audits, a)
	return nil
}

func (m *memoryStore) RenewPassword(_ context.Context, id int64, old, hash string) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	u, ok := m.users[id]
	if !ok || u.PasswordHash != old {
		return cifra.E(cifra.Conflict, "error.conflict")
	}
	u.PasswordHash = hash
	m.users[id] = u
	return nil
}

func (m *memoryStore) AddAudit(_ context.Context, a cifra.Audit) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	m.audits = append(m.audits, a)
	return nil
}

func (m *memoryStore) RevokeToken(_ context.Context, id string, until time.Time) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	m.revoked[id] = until
	return nil
}

func (m *memoryStore) TokenHolder(ctx context.Context, user int64, id string) (*cifra.User, bool, error) {
	u, err := m.User(ctx, user)
	if err != nil {
		return nil, false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	_, revoked := m.revoked[id]
	return u, revoked, nil
}

// actions returns what is in the audit, in order.
func (m *memoryStore) actions() []cifra.Action {
	m.mu.Lock()
	defer m.mu.Unlock()
	var actions []cifra.Action
	for _, a := range m.audits {
		actions = append(actions, a.Action)
	}
	return actions
}

func (m *memoryStore) DeleteUserSessions(context.Context, int64) (int64, error) {
	leave, err := m.enter()
	defer leave()
	return 0, err
}

func (m *memoryStore) UserSessions(_ context.Context, userID int64) (map[string][]byte, error) {
	leave, err := m.enter()
	defer leave()
	if err != nil {
		return nil, err
	}
	found := map[string][]byte{}
	for hash, s := range m.sessions {
		if s.userID == userID {
			found[hash] = s.data
		}
	}
	return found, nil
}

func (m *memoryStore) AddToken(_ context.Context, t *cifra.Token, hash []byte, a cifra.Audit) error {
	leave, err := m.enter()
	defer leave()
	if err != nil {
		return err
	}
	m.personal[string(hash)] = *t
	m.audits = append(m.audits, a)
	return nil
}

func (m *memoryStore) TokensOf(_ context.Context, userID int64) (all []cifra.Token, err error) {
	leave, err := m.enter()
	defer leave()
	for _, t := range m.personal {
		if t.UserID == userID {
			all = append(all, t)
		}
	}
	return all, err
}

func (m *memoryStore) TokenByHash(_ context.Context, hash []byte) (*cifra.Token, error) {
	leave, err := m.enter()
	defer leave()
	if err != nil {
		return nil, err
	}
	t, ok := m.personal[string(hash)]
	if !ok {
		return nil, cifra.E(cifra.NotFound, "error.not-found")
	}
	return &t, nil
}

func (m *memoryStore) DeleteTokens(_ context.Context, userID int64, id string, a cifra.Audit) (n int64, err error) {
	leave, err := m.enter()
	defer leave()
	if err != nil {
		return 0, err
	}
	for hash, t := range m.personal {
		if t.UserID == userID && (id == "" || t.ID == id) {
			delete(m.personal, hash)
			n++
		}
	}
	m.audits = append(m.audits, a)
	return n, nil
}
