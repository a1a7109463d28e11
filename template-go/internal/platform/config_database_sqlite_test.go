package platform

const (
	plainURL  = "sqlite:////a/b.db"
	shownURL  = "sqlite:///c d.db"
	secretURL = shownURL // there is none in it
)

func plainDatabase() DatabaseConfig { return DatabaseConfig{Path: "/a/b.db"} }

func badDatabases() []struct{ environ, detail string } {
	const detail = "must be a URL of the form sqlite:///path"
	return []struct{ environ, detail string }{
		{"APP_DATABASE_URL=mysql://me:secret@db/store", detail},
		{"APP_DATABASE_URL=sqlite:///", detail},
		{"APP_DATABASE_URL=sqlite:///a.db?mode=ro", detail},
	}
}
