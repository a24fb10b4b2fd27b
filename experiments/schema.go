package experiments

import (
	"fmt"
	"maps"
)

// Schema returns the JSON Schema (draft 2020-12) of the experiment file, made
// from the same table that Load checks against.
func Schema() map[string]any {
	d := declare(&Config{})
	top := map[string]any{}
	for _, s := range sections {
		top[s.name] = object(map[string]any{}, s.doc)
	}
	for _, s := range d.settings {
		parent, word := splitKey(s.path)
		properties := top
		if parent != "" {
			properties = top[parent].(map[string]any)["properties"].(map[string]any)
		}
		properties[word] = s.schema()
	}
	schema := object(top, "An experiment of runexp: every key is optional.")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "runexp experiment"
	return schema
}

// object is a closed JSON object.
func object(properties map[string]any, doc string) map[string]any {
	return map[string]any{
		"type": "object", "additionalProperties": false, "properties": properties, "description": doc,
	}
}

// schema is the JSON Schema of one key.
func (s setting) schema() map[string]any {
	out := map[string]any{}
	maps.Copy(out, s.rule.schema)
	out["description"], out["default"] = s.doc, s.def
	kind, element := jsonType(s.def)
	out["type"] = kind
	if element != "" {
		items := map[string]any{"type": element}
		if more, ok := out["items"].(map[string]any); ok {
			maps.Copy(items, more)
		}
		out["items"] = items
	}
	return out
}

// jsonType names the type of a value, and of its entries if it is a list.
func jsonType(like any) (kind, element string) {
	switch like.(type) {
	case string:
		return "string", ""
	case bool:
		return "boolean", ""
	case int:
		return "integer", ""
	case float64:
		return "number", ""
	case []string:
		return "array", "string"
	case []int:
		return "array", "integer"
	case []float64:
		return "array", "number"
	}
	panic(fmt.Sprintf("experiments: no setting has type %T", like))
}
