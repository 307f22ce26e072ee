// Package slot writes and reads the images of the two slots, window by window. What is written counts as written once it
// was synced and then read again past every cache.
package slot
