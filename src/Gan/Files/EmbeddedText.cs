using System.Text.RegularExpressions;

namespace GanFromScratch.Gan.Files;

/// <summary>Texts that are files beside the sources, and part of the program.</summary>
internal static partial class EmbeddedText
{
    /// <summary>Returns the text of a file beside a type's source.</summary>
    public static string Read(Type beside, string name)
    {
        using var stream = beside.Assembly.GetManifestResourceStream(beside, name)
            ?? throw new ArgumentException($"EmbeddedText: there is no {name} in {beside.Namespace}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Returns such a text with parts filled in: `{{name}}` by the name's value.</summary>
    public static string Fill(Type beside, string name, Dictionary<string, string> values) =>
        Placeholder().Replace(Read(beside, name), found => values[found.Groups[1].Value]);

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Placeholder();
}
