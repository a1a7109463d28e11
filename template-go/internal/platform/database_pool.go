package platform

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// Pool is a pool of connections that keeps statements prepared: to parse one costs several times what it costs to run it.
type Pool struct {
	*sql.DB

	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

// Query runs a statement that stays prepared.
func (p *Pool) Query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	statement, err := p.Prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return rows, nil
}

// Exec runs a statement that returns no rows and stays prepared.
func (p *Pool) Exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	statement, err := p.Prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := statement.ExecContext(ctx, args...)
	if err != nil {
		return nil, fmt.Errorf("run a statement: %w", err)
	}
	return result, nil
}

// Prepared returns a statement that stays open. Its text must be a constant, since it is kept until the end. Inside of
// a transaction the only connection may be taken, so it is called before.
func (p *Pool) Prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if statement, ok := p.prepared[text]; ok {
		return statement, nil
	}
	statement, err := p.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare a statement: %w", err)
	}
	p.prepared[text] = statement
	return statement, nil
}
