package kernel

var active = &portable
