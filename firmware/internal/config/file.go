package config

// file is what syncbox.toml says, spelled as people write it. Config is what the code uses.
type file struct {
	Box     fileBox     `toml:"box"`
	Network fileNetwork `toml:"network"`
	Updates fileUpdates `toml:"updates"`
	Support fileSupport `toml:"support"`
	Metrics fileMetrics `toml:"metrics"`
	Page    filePage    `toml:"page"`
	// SageX3 are servers of X3, and Outlook tenants of Microsoft 365, by the names under which jobs share them.
	SageX3  map[string]fileX3     `toml:"sagex3"`
	Outlook map[string]fileTenant `toml:"outlook"`
	Jobs    []fileJob             `toml:"job"`
}

type fileBox struct {
	Name     string `toml:"name"`
	Data     string `toml:"data"`
	Socket   string `toml:"socket"`
	Secrets  string `toml:"secrets"`
	Language string `toml:"language"`
	Zone     string `toml:"zone"`
}

type fileJob struct {
	Name             string              `toml:"name"`
	Pair             string              `toml:"pair"`
	Direction        string              `toml:"direction"`
	Interval         string              `toml:"interval"`
	Allowed          []string            `toml:"allowed"`
	Backup           []string            `toml:"backup"`
	Recreate         string              `toml:"recreate"`
	InactiveAtFirst  string              `toml:"inactive_at_first"`
	Confirm          string              `toml:"confirm"`
	ExternalIDPrefix string              `toml:"external_id_prefix"`
	Share            fileShare           `toml:"share"`
	Acomba           fileAcomba          `toml:"acomba"`
	QuickBooks       fileQuick           `toml:"quickbooks"`
	CentrixOne       fileCentrix         `toml:"centrixone"`
	SageX3           fileX3User          `toml:"sagex3"`
	Outlook          fileMailbox         `toml:"outlook"`
	Rights           fileRights          `toml:"rights"`
	Bob50            fileBob50           `toml:"bob50"`
	SageCRM          fileSageCRM         `toml:"sagecrm"`
	Sage50           fileSage50          `toml:"sage50"`
	SalesManagement  fileSalesManagement `toml:"salesmanagement"`
	Limits           fileLimits          `toml:"limits"`
	// Custom are the fields that the site has added to its products.
	Custom map[string]fileCustom `toml:"custom"`
}

type fileShare struct {
	Kind   string `toml:"kind"`
	Path   string `toml:"path"`
	Server string `toml:"server"`
	Share  string `toml:"share"`
	Folder string `toml:"folder"`
	User   string `toml:"user"`
	Domain string `toml:"domain"`
	Port   int    `toml:"port"`
	Seal   bool   `toml:"seal"`
	Vers   string `toml:"vers"`
}

type fileAcomba struct {
	Company       string   `toml:"company"`
	WriteBack     string   `toml:"write_back"`
	WriteWindows  []string `toml:"write_windows"`
	HandoffFolder string   `toml:"handoff_folder"`
	Layout        string   `toml:"layout"`
	QuietMS       *int     `toml:"quiet_ms"`
	Mobile        string   `toml:"mobile"`
	DocumentOwner string   `toml:"document_owner"`
	Documents     []string `toml:"documents"`
	Superseded    string   `toml:"superseded"`
	Currency      string   `toml:"currency"`
}

type fileQuick struct {
	Relay            string  `toml:"relay"`
	ClientID         string  `toml:"client_id"`
	Redirect         string  `toml:"redirect"`
	Environment      string  `toml:"environment"`
	APIURL           string  `toml:"api_url"`
	SignInURL        string  `toml:"sign_in_url"`
	PlainHTTP        bool    `toml:"plain_http"`
	Start            string  `toml:"start"`
	Language         string  `toml:"language"`
	CustomerLanguage string  `toml:"customer_language"`
	Superseded       string  `toml:"superseded"`
	MonthlyReads     int     `toml:"monthly_reads"`
	CycleDay         int     `toml:"cycle_day"`
	MaxIdle          string  `toml:"max_idle"`
	Rate             float64 `toml:"rate"`
	PerMinute        int     `toml:"per_minute"`
	Timeout          string  `toml:"timeout"`
}

type fileCentrix struct {
	URL            string  `toml:"url"`
	PlainHTTP      bool    `toml:"plain_http"`
	Language       string  `toml:"language"`
	List           string  `toml:"list"`
	PrimaryContact string  `toml:"primary_contact"`
	Rate           float64 `toml:"rate"`
	Batch          int     `toml:"batch"`
	Timeout        string  `toml:"timeout"`
	MaxServerLate  string  `toml:"max_server_late"`
	IndexLag       string  `toml:"index_lag"`
}

type fileLimits struct {
	ToCRMMin       *int   `toml:"to_crm_min"`
	ToCRMPercent   *int   `toml:"to_crm_percent"`
	ToERPMin       *int   `toml:"to_erp_min"`
	ToERPPercent   *int   `toml:"to_erp_percent"`
	Tries          *int   `toml:"tries"`
	FailureMin     *int   `toml:"failure_min"`
	FailurePercent *int   `toml:"failure_percent"`
	SweepOften     string `toml:"sweep_often"`
	SweepRarely    string `toml:"sweep_rarely"`
}

// secrets is what secrets.toml says, by job, server of X3 and tenant.
type secrets struct {
	Jobs    map[string]jobSecrets    `toml:"job"`
	SageX3  map[string]x3Secrets     `toml:"sagex3"`
	Outlook map[string]tenantSecrets `toml:"outlook"`
}

type x3Secrets struct {
	Password string `toml:"password"`
}

type tenantSecrets struct {
	Secret string `toml:"secret"`
}

type jobSecrets struct {
	SharePassword string `toml:"share_password"`
	ClientSecret  string `toml:"client_secret"`
	CRMAccount    string `toml:"crm_account"`
	CRMKey        string `toml:"crm_key"`
	CRMPassword   string `toml:"crm_password"`
	PublicKey     string `toml:"public_key"`
	PrivateKey    string `toml:"private_key"`
}
