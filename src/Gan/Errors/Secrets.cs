using System.Text.RegularExpressions;

namespace GanFromScratch.Gan.Errors;

/// <summary>Takes out of texts what only its owner should see: the user and the password in an address, as proxies have them.</summary>
internal static partial class Secrets
{
    /// <summary>Leaves the user's part out of each address in a text: `http://user:password@proxy/` becomes `http://proxy/`.</summary>
    public static string Remove(string text) => text.Contains('@', StringComparison.Ordinal) ? UserPart().Replace(text, "") : text;

    // up to the last @ before a slash, a quote or a gap: a password may hold one
    [GeneratedRegex(@"(?<=://)[^/\s'""]*@")]
    private static partial Regex UserPart();
}
