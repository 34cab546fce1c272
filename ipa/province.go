package ipa

// provinces gives the two letters of the province for the first three digits
// of a municipality's ISTAT code, from 001.
//
// QUIRK: the provinces of Sardinia have been numbered anew more than once; 104
// to 107 and 111 to 119 are all met in the registry. 112 to 119 are named by
// their chief town as the registry does.
const provinces = "TOVCNOCNATALAOIMSVGESPVACOSOMIBGBSPVCRMNBZTNVRVIBLTVVEPDROUDGOTSPCPRREMOBOFERAFCPUANMCAPMSLUPTFILIPIAR" +
	"SIGRPGTRVTRIRMLTFRCEBNNAAVSAAQTEPECHCBFGBATABRLEPZMTCSCZRCTPPAMEAGCLENCTRGSRSSNUCAPNISORBILCLORNPOKRVVVB" +
	"OTOGVSCIMBFMBTSUSSSSNUORNUSUCASU"

// provinceOf returns the province of a municipality by its six-digit code, ""
// if the code is not one.
func provinceOf(istat string) string {
	if len(istat) != 6 {
		return ""
	}
	n := 0
	for i := range 3 {
		c := istat[i]
		if c < '0' || c > '9' {
			return ""
		}
		n = n*10 + int(c-'0')
	}
	if n < 1 || n > len(provinces)/2 {
		return ""
	}
	return provinces[2*n-2 : 2*n]
}

// isProvince reports whether a folded word is the two letters of a province.
func isProvince(word string) bool {
	if len(word) != 2 {
		return false
	}
	up := string([]byte{word[0] &^ 0x20, word[1] &^ 0x20})
	for i := 0; i < len(provinces); i += 2 {
		if provinces[i:i+2] == up {
			return true
		}
	}
	return false
}
