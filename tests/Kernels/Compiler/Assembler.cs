using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What NVIDIA's assembler made of a kernel.</summary>
internal readonly record struct Assembled(int Registers, int SharedBytes, int StackBytes, int SpilledBytes);

/// <summary>NVIDIA's assembler, over many kernels at once.</summary>
internal static partial class Assembler
{
    public static string Version
    {
        get
        {
            var version = Processes.Run(ToolRequirement.Tool("ptxas"), "--version");
            return ReleaseNumber().Match(version.Output).Groups[1].Value;
        }
    }

    /// <summary>Assembles all texts for an architecture, and says what became of each kernel, by its title.</summary>
    public static Dictionary<string, Assembled> Assemble(IReadOnlyDictionary<string, string> programs, int architecture)
    {
        string tool = ToolRequirement.Tool("ptxas");
        using var folder = new TestFolder();
        var found = new Dictionary<string, Assembled>();
        // The assembler has one thread; programs are dealt out, so that each process gets some of the long ones.
        var parts = programs.Select((program, i) => (program, i)).GroupBy(p => p.i % Environment.ProcessorCount, p => p.program).ToArray();
        Parallel.ForEach(parts, part =>
        {
            string file = folder.File($"{part.Key}.ptx", System.Text.Encoding.UTF8.GetBytes(Joined(part, out var titles)));
            var result = Processes.Run(tool, "-v", $"-arch=sm_{architecture}", "-o", $"{file}.cubin", file);
            Assert.That(result.ExitCode, Is.Zero, result.Output + result.Error);
            var kernels = Kernel().Matches(result.Output + result.Error);
            lock (found)
            {
                foreach (Match kernel in kernels)
                    found.Add(titles[kernel.Groups["name"].Value], Read(kernel));
            }
        });
        Assert.That(found.Keys, Is.EquivalentTo(programs.Keys), "the assembler says nothing of some kernels");
        return found;
    }

    /// <summary>Texts of one target as one: the head once, and each kernel under a name of its own.</summary>
    private static string Joined(IEnumerable<KeyValuePair<string, string>> programs, out Dictionary<string, string> titles)
    {
        titles = [];
        var texts = new List<string>();
        foreach (var (title, text) in programs)
        {
            int entry = text.IndexOf(".visible .entry ", StringComparison.Ordinal), end = text.IndexOf('(', entry);
            string name = $"kernel{titles.Count}";
            if (titles.Count == 0)
                texts.Add(text[..entry]);
            texts.Add($".visible .entry {name}{text[end..]}");
            titles[name] = title;
        }
        return string.Join("\n", texts);
    }

    private static Assembled Read(Match kernel)
    {
        int Number(string group) => kernel.Groups[group].Success ? int.Parse(kernel.Groups[group].Value, CultureInfo.InvariantCulture) : 0;
        return new Assembled(Number("registers"), Number("shared"), Number("stack"), Number("stores") + Number("loads"));
    }

    [GeneratedRegex(
        @"Function properties for (?<name>\w+)\s+(?<stack>\d+) bytes stack frame, (?<stores>\d+) bytes spill stores, (?<loads>\d+) bytes spill loads\s+"
        + @"ptxas info\s*: Used (?<registers>\d+) registers(, (?<shared>\d+) bytes smem)?")]
    private static partial Regex Kernel();

    [GeneratedRegex(@"release \S+ V(\S+)")]
    private static partial Regex ReleaseNumber();
}
