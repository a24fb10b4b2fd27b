package models

// topology is what one model_type means.
type topology struct {
	minTables, maxTables int
	minTop               int // layers of arch_mlp_top
	// validate checks what is particular to the topology.
	validate func(Config) error
	// build adds the operators of a valid configuration.
	build func(*builder)
}

// topologies maps each model_type to its topology; one file each.
var topologies = map[string]topology{
	"dlrm":  {minTables: 1, maxTables: maxTables, minTop: 1, validate: validateDLRM, build: buildDLRM},
	"wnd":   {minTables: 1, maxTables: maxTables, minTop: 1, validate: validateWnD, build: buildWnD},
	"mtwnd": {minTables: 1, maxTables: maxTables, minTop: 1, validate: validateMTWnD, build: buildMTWnD},
	"ncf":   {minTables: 4, maxTables: 4, minTop: 2, validate: validateNCF, build: buildNCF},
	"din":   {minTables: 4, maxTables: maxTables, minTop: 1, validate: validateDIN, build: buildDIN},
	"dien":  {minTables: 4, maxTables: maxTables, minTop: 1, validate: validateDIEN, build: buildDIEN},
}
