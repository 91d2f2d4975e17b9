using System.CommandLine;
using FsCheck;
using FsCheck.Fluent;
using GanFromScratch.Gan.Commands;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Gan.Terminal;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[TestFixture]
internal sealed class TextLayoutTests
{
    private static IEnumerable<TestCaseData> Helps =>
        from width in (int[])[40, 60, 79, 199]
        from command in (string[])
        [
            "", "train", "resume", "sample", "interpolate", "evaluate", "export", "runs", "serve", "compare", "recipes", "data", "bench",
            "verify", "modes", "help",
        ]
        select new TestCaseData(command, width);

    [TestCase("recipe  one two three four five six seven", 30, "recipe  one two three four|        five six seven")]
    [TestCase("one two three four", 9, "one two|three|four")]
    [TestCase("  - one two three", 10, "  - one|  two|  three")]
    [TestCase("short", 80, "short")]
    [TestCase("averyveryverylongword and more", 10, "averyveryverylongword|and more")]
    [TestCase("a very long heading that is wider than a window  text", 30, "a very long heading that is|  wider than a window  text")]
    [TestCase("", 10, "")]
    [TestCase("It goes on with `gan resume run` there", 25, "It goes on with|`gan resume run` there")]
    [TestCase("`gan resume a-run-of-a-long-name` there", 20, "`gan resume|a-run-of-a-long-name`|there")]
    public void LinesAreWrappedBetweenWords(string line, int width, string expected) =>
        Assert.That(string.Join('|', TextLayout.Wrap(line, width)), Is.EqualTo(expected));

    /// <summary>Whatever the words, none is lost or broken, and only a line of one word is too long.</summary>
    [Test]
    public void NoWordIsLost()
    {
        var lengths = Gen.Choose(1, 15).NonEmptyListOf();
        Prop.ForAll(lengths.Zip(Gen.Choose(1, 100)).ToArbitrary(), found =>
        {
            var (sizes, width) = found;
            string[] words = [.. sizes.Select((size, i) => new string((char)('a' + (i % 26)), size))];
            string[] lines = [.. TextLayout.Wrap(string.Join(' ', words), width)];
            Assert.That(string.Join(' ', lines.Select(line => line.Trim())), Is.EqualTo(string.Join(' ', words)));
            Assert.That(lines.Where(line => line.Length > width).Any(line => line.Trim().Contains(' ')), Is.False);
        }).QuickCheckThrowOnFailure();
    }

    /// <summary>In windows of any width help is complete, and only what is to be copied in one piece is wider.</summary>
    [TestCaseSource(nameof(Helps))]
    public void HelpFitsTheWindow(string command, int width)
    {
        var given = CommandLine.Parse(command.Length > 0 ? [command] : [], RecipeBook.BuiltIn);
        var root = (RootCommand)given.RootCommandResult.Command;
        var of = given.CommandResult.Command as GanCommand ?? root.Subcommands.OfType<TrainCommand>().Single();
        string help = HelpText.Of(of, root, given, width), wide = HelpText.Of(of, root, given, int.MaxValue);
        foreach (string line in help.Split('\n').Where(line => line.Length > width))
        {
            bool isCommand = line.StartsWith($"  {Invocation.Prefix}", StringComparison.Ordinal);
            Assert.That(isCommand || !line.Trim().Contains(' ') || line.Trim().StartsWith("--", StringComparison.Ordinal), Is.True, line);
        }
        Assert.That(Words(help), Is.EqualTo(Words(wide)));

        static string[] Words(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }

    [Test]
    public void ATableThatIsTooWideBecomesParagraphs()
    {
        var lines = new Lines();
        var table = new TextTable(lines, ("name", -6), ("size", 5));
        table.Header();
        table.Row("one", "1");
        Assert.That(lines.All, Is.EqualTo(new[] { "name     size", "one         1" }));
        lines.All.Clear();
        table = new TextTable(lines, 10, ("name", -6), ("size", 5), ("note", -9));
        table.Header();
        table.Row("one", "1", "");
        table.Row("two", "22", "larger");
        Assert.That(lines.All, Is.EqualTo(new[] { "one", "  size  1", "two", "  size  22", "  note  larger" }));
    }

    private sealed class Lines : Screen
    {
        public List<string> All { get; } = [];

        public override void Print(string line) => All.Add(line);
    }
}
