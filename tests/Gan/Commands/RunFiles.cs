using System.Text.RegularExpressions;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Compares the folders of two runs.</summary>
internal static partial class RunFiles
{
    /// <summary>The same files with the same bytes, but for times, and for the settings, which name folder and threads.</summary>
    public static void Same(string expected, string actual)
    {
        Assert.That(Names(actual), Is.EqualTo(Names(expected)));
        foreach (string name in Names(expected).Where(name => name != "settings.json"))
        {
            byte[] a = Content(Path.Combine(expected, name)), b = Content(Path.Combine(actual, name));
            Assert.That(b.AsSpan().SequenceEqual(a), Is.True, name);
        }
    }

    private static string[] Names(string run) =>
    [
        .. Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(run, path))
            .Order(StringComparer.Ordinal)
    ];

    private static byte[] Content(string path) => Path.GetFileName(path) switch
    {
        "loss.csv" => System.Text.Encoding.UTF8.GetBytes(RowTimes().Replace(File.ReadAllText(path), "")),
        "metrics.jsonl" => System.Text.Encoding.UTF8.GetBytes(JsonTimes().Replace(File.ReadAllText(path), "")),
        _ => File.ReadAllBytes(path),
    };

    // the two last columns
    [GeneratedRegex(@",[\d.E+-]+,[\d.E+-]+$", RegexOptions.Multiline)]
    private static partial Regex RowTimes();

    [GeneratedRegex(@",""(seconds|images_per_second)"":[\d.E+-]+")]
    private static partial Regex JsonTimes();
}
