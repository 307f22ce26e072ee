// Package fleettest simulates boxes at a broker, as tools of support hear them. It is written from the description of the
// protocol, with the topics and the JSON spelled out, and shares no type with the box or with the tools that it tests. It does
// not look at signatures: that orders are signed well is tried elsewhere.
package fleettest
