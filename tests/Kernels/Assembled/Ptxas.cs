using System.Globalization;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What NVIDIA's assembler made of a kernel, and the file that it wrote.</summary>
internal sealed partial record Assembled(int Registers, int StackBytes, int SpilledBytes, string File)
{
    /// <summary>Gets the names of the machine instructions, such as LDG.E.128; none before they were disassembled.</summary>
    public IReadOnlyList<string> Instructions { get; private set; } = [];

    /// <summary>Reads the file.</summary>
    /// <param name="tool">NVIDIA's disassembler.</param>
    public void Disassemble(string tool)
    {
        var disassembled = Processes.Run(tool, "-c", File);
        Assert.That(disassembled.ExitCode, Is.Zero, disassembled.Error);
        Instructions = [.. Instruction().Matches(disassembled.Output).Select(match => match.Groups[1].Value)];
    }

    // "/*0a30*/                   FFMA R8, R12, R16, R8 ;", or behind a guard "@P0".
    [GeneratedRegex(@"^\s*/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]+)", RegexOptions.Multiline)]
    private static partial Regex Instruction();
}

/// <summary>NVIDIA's assembler.</summary>
internal static partial class Ptxas
{
    /// <summary>Reads the release, such as 11.8.89. Skips the test where the assembler is missing.</summary>
    public static string Version()
    {
        var version = Processes.Run(ToolRequirement.Tool("ptxas"), "--version");
        return Release().Match(version.Output).Groups[1].Value;
    }

    /// <summary>Assembles a kernel's text for an architecture such as 80.</summary>
    /// <param name="tool">The assembler.</param>
    /// <param name="text">PTX with one entry.</param>
    /// <param name="architecture">The compute capability, times ten.</param>
    /// <param name="file">Where to write the text; the machine code comes beside it.</param>
    public static Assembled Assemble(string tool, string text, int architecture, string file)
    {
        string code = $"{file}.cubin";
        File.WriteAllText(file, text);
        var result = Processes.Run(tool, "-v", $"-arch=sm_{architecture}", "-o", code, file);
        string said = result.Output + result.Error;
        var entry = Entry().Match(said);
        Assert.That(result.ExitCode == 0 && entry.Success, Is.True, said);
        return new(Number("registers"), Number("stack"), Number("stores") + Number("loads"), code);

        int Number(string group) => int.Parse(entry.Groups[group].Value, CultureInfo.InvariantCulture);
    }

    // Of a function that isn't an entry there is no second line.
    [GeneratedRegex(
        @"(?<stack>\d+) bytes stack frame, (?<stores>\d+) bytes spill stores, (?<loads>\d+) bytes spill loads\s+"
        + @"ptxas info\s*: Used (?<registers>\d+) registers")]
    private static partial Regex Entry();

    [GeneratedRegex(@"release \S+ V(\S+)")]
    private static partial Regex Release();
}
