package config

// fileX3 is a server of Sage X3: a folder, reached by a pool of web services. Lists are of "name=CODE".
type fileX3 struct {
	URL               string   `toml:"url"`
	PlainHTTP         bool     `toml:"plain_http"`
	Pool              string   `toml:"pool"`
	User              string   `toml:"user"`
	UserCode          string   `toml:"user_code"`
	Language          string   `toml:"language"`
	Profile           string   `toml:"profile"`
	Payload           string   `toml:"payload"`
	Changes           string   `toml:"changes"`
	Publications      []string `toml:"publications"`
	Read              string   `toml:"read"`
	Folder            string   `toml:"folder"`
	Representations   []string `toml:"representations"`
	ContactFields     []string `toml:"contact_fields"`
	TaskFields        []string `toml:"task_fields"`
	CallFields        []string `toml:"call_fields"`
	AppointmentFields []string `toml:"appointment_fields"`
	References        []string `toml:"references"`
	Menus             []string `toml:"menus"`
	Queue             string   `toml:"queue"`
	QueueFields       []string `toml:"queue_fields"`
	Zone              string   `toml:"zone"`
	DeleteWithinDays  *int     `toml:"delete_within_days"`
	Rate              float64  `toml:"rate"`
	ListSize          int      `toml:"list_size"`
	Timeout           string   `toml:"timeout"`
	MaxServerLate     string   `toml:"max_server_late"`
	Overlap           string   `toml:"overlap"`
	Complete          string   `toml:"complete"`
}

// fileTenant is a tenant of Microsoft 365 and the application by which the box reaches it.
type fileTenant struct {
	Tenant         string `toml:"tenant"`
	Application    string `toml:"application"`
	GraphURL       string `toml:"graph_url"`
	LoginURL       string `toml:"login_url"`
	Scope          string `toml:"scope"`
	PlainHTTP      bool   `toml:"plain_http"`
	ExtensionName  string `toml:"extension_name"`
	Zone           string `toml:"zone"`
	PastDays       int    `toml:"past_days"`
	FutureDays     int    `toml:"future_days"`
	RecurrenceDays int    `toml:"recurrence_days"`
	PerMinute      int    `toml:"per_minute"`
	PageSize       int    `toml:"page_size"`
	Timeout        string `toml:"timeout"`
	MaxServerLate  string `toml:"max_server_late"`
	IndexLag       string `toml:"index_lag"`
}

type fileX3User struct {
	Server         string `toml:"server"`
	Login          string `toml:"login"`
	Representative string `toml:"representative"`
	Conflict       string `toml:"conflict"`
}

type fileMailbox struct {
	Tenant        string `toml:"tenant"`
	Mailbox       string `toml:"mailbox"`
	ContactFolder string `toml:"contact_folder"`
	TaskList      string `toml:"task_list"`
}

// fileRights are what may be done to which objects, by the side that is written: some of "create", "update", "delete".
type fileRights struct {
	ContactsToOutlook     []string `toml:"contacts_to_outlook"`
	ContactsToX3          []string `toml:"contacts_to_x3"`
	TasksToOutlook        []string `toml:"tasks_to_outlook"`
	TasksToX3             []string `toml:"tasks_to_x3"`
	CallsToOutlook        []string `toml:"calls_to_outlook"`
	CallsToX3             []string `toml:"calls_to_x3"`
	AppointmentsToOutlook []string `toml:"appointments_to_outlook"`
	AppointmentsToX3      []string `toml:"appointments_to_x3"`
}
