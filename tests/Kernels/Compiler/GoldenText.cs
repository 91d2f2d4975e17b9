using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Texts that are reviewed when they change, in `tests/Golden/programs`. A test compares with them; with `GAN_UPDATE_GOLDEN=1` it writes them
/// instead, and the change is then seen in the diff.
/// </summary>
internal static class GoldenText
{
    public static bool Updates => Environment.GetEnvironmentVariable("GAN_UPDATE_GOLDEN") == "1";

    /// <summary>Compares a text with the file of this name.</summary>
    public static void Check(string name, string text)
    {
        if (Updates)
        {
            Directory.CreateDirectory(SourceFolder());
            File.WriteAllText(Path.Combine(SourceFolder(), name), text);
            return;
        }
        string differs = $"tests/Golden/programs/{name} differs; where that is meant, run with GAN_UPDATE_GOLDEN=1 and review the diff";
        Assert.That(text, Is.EqualTo(Read(name)), differs);
    }

    /// <summary>The file's text.</summary>
    public static string Read(string name) => File.ReadAllText(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "programs", name));

    private static string SourceFolder([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "..", "..", "Golden", "programs");
}
