package auth

import (
	"context"
	"time"

	"cifra"
)

// memoryReset is a code of a [memoryStore].
type memoryReset struct {
	userID int64
	until  time.Time
}

func (m *memoryStore) Users(_ context.Context, _ cifra.UserFilter, _ string, _ int) (all []cifra.Account, next string, err error) {
	leave, err := m.enter()
	if err != nil {
		return nil, "", err
	}
	defer leave()
	for id := int64(1); id <= int64(len(m.users)); id++ {
		all = append(all, cifra.Account{User: m.users[id]})
	}
	return all, "", nil
}

func (m *memoryStore) SetRole(_ context.Context, id int64, role cifra.Role, a cifra.Audit) error {
	return m.setRights(id, a, func(u *cifra.User) { u.Role = role })
}

func (m *memoryStore) SetDisabled(_ context.Context, id int64, disabled bool, a cifra.Audit) error {
	return m.setRights(id, a, func(u *cifra.User) { u.Disabled = disabled })
}

func (m *memoryStore) setRights(id int64, a cifra.Audit, f func(*cifra.User)) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	u, ok := m.users[id]
	if !ok {
		return cifra.E(cifra.NotFound, "error.not-found")
	}
	f(&u)
	m.users[id] = u
	m.audits = append(m.audits, a)
	return nil
}

func (m *memoryStore) AddReset(_ context.Context, userID int64, hash []byte, until time.Time, a cifra.Audit) error {
	leave, err := m.enter()
	if err != nil {
		return err
	}
	defer leave()
	for h, r := range m.resets {
		if r.userID == userID {
			delete(m.resets, h)
		}
	}
	m.resets[string(hash)] = memoryReset{userID, until}
	m.audits = append(m.audits, a)
	return nil
}

func (m *memoryStore) UserOfReset(_ context.Context, hash []byte) (*cifra.User, error) {
	leave, err := m.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	r, ok := m.resets[string(hash)]
	u := m.users[r.userID]
	if !ok || u.Disabled || !m.now().Before(r.until) {
		return nil, cifra.E(cifra.NotFound, "error.not-found")
	}
	return &u, nil
}

func (m *memoryStore) UseReset(ctx context.Context, hash []byte, passwordHash string, a cifra.Audit) error {
	u, err := m.UserOfReset(ctx, hash)
	if err != nil {
		return err
	}
	return m.setRights(u.ID, a, func(u *cifra.User) {
		u.PasswordHash = passwordHash
		delete(m.resets, string(hash))
	})
}
