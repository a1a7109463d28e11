package platform

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The conditions of PostgreSQL that we tell apart (its manual, appendix A).
const (
	codeUnique        = "23505"
	codeReadOnly      = "25006"
	codeIdleInTx      = "25P03"
	codeNoDatabase    = "3D000"
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeNoTable       = "42P01"
	codeLockTimeout   = "55P03"
	codeCancelled     = "57014"
	classLength       = 2
	classConnection   = "08"
	classRefused      = "28"
	classResources    = "53"
	classOperator     = "57"
	classSystem       = "58"
)

// judge says what an error of the driver means.
func judge(err error) verdict {
	if errors.Is(err, errBusy) {
		return verdict{busy: true}
	}
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case connecting:
		return verdict{gone: true}
	case ok:
		return judgeCode(refusal)
	case cut(err):
		return verdict{gone: true, lost: true}
	}
	return verdict{}
}

func judgeCode(refusal *pgconn.PgError) verdict {
	switch refusal.Code {
	case codeSerialization:
		return verdict{again: againSerialization}
	case codeDeadlock:
		return verdict{again: againDeadlock}
	case codeUnique:
		if refusal.TableName == keysTable { // somebody else's request with the same key was faster
			return verdict{again: againUnique}
		}
		return verdict{}
	case codeLockTimeout, codeCancelled:
		return verdict{busy: true}
	case codeReadOnly, codeNoDatabase:
		return verdict{gone: true}
	case codeIdleInTx:
		return verdict{gone: true, lost: true}
	}
	switch refusal.Code[:min(classLength, len(refusal.Code))] {
	case classConnection, classOperator:
		return verdict{gone: true, lost: true}
	case classRefused, classResources, classSystem:
		return verdict{gone: true}
	}
	return verdict{}
}

// cut tells whether the connection has ended, by whomever.
func cut(err error) bool {
	_, network := errors.AsType[net.Error](err)
	return network || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed)
}

// hungUp tells whether the server has ended an idle connection, without asking it: then there is something to read, its
// farewell or the end. A statement that is sent all the same would leave open what has become of it.
func hungUp(conn *pgx.Conn) bool {
	socket, ok := conn.PgConn().Conn().(syscall.Conn)
	if !ok {
		return false // behind TLS; the pool's ping finds it out
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	var quiet bool
	// Control, not Read: that would wait for the lock of a reader, which pgx may have left in the background.
	err = raw.Control(func(descriptor uintptr) {
		_, _, err := syscall.Recvfrom(int(descriptor), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = errors.Is(err, syscall.EAGAIN)
	})
	return err != nil || !quiet
}

// mayPass tells whether a server that could not be reached may be on its way.
func mayPass(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || strings.HasPrefix(refusal.Code, classOperator) || strings.HasPrefix(refusal.Code, classResources)
}

// where names the database for whoever has to mend it.
func (d *Database) where() string {
	return fmt.Sprintf("the database %s on %s", d.address.Database,
		net.JoinHostPort(d.address.Host, strconv.Itoa(int(d.address.Port))))
}

// complaint says what to mend when the database cannot be used from the start. It never holds the password.
func (d *Database) complaint(err error) error {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case !ok:
		return fmt.Errorf("%s cannot be reached as the user %s: %s; start it, or change APP_DATABASE_URL",
			d.where(), d.address.User, innermost(err))
	case refusal.Code == codeNoDatabase:
		return fmt.Errorf("%s does not exist, says the server to the user %s; create it, or change APP_DATABASE_URL",
			d.where(), d.address.User)
	case strings.HasPrefix(refusal.Code, classRefused):
		return fmt.Errorf("%s refuses the user %s: %s; change APP_DATABASE_URL", d.where(), d.address.User, refusal.Message)
	}
	return fmt.Errorf("%s does not serve the user %s: %s; mend that, or change APP_DATABASE_URL",
		d.where(), d.address.User, refusal.Message)
}

// innermost is the plain reason, without the addresses and settings that each layer puts before it.
func innermost(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
