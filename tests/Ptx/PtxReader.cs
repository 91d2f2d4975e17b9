using System.Globalization;
using System.Text.RegularExpressions;

namespace GanFromScratch.Tests;

/// <summary>Reads a text of PTX: its head, and the entries one by one. Instructions, labels and braces have lines of their own.</summary>
internal sealed partial class PtxReader
{
    private const int Version = 60; // shfl.sync came with it

    private readonly string[] _lines;
    private int _next;

    private PtxReader(string text) => _lines = text.Split('\n');

    /// <exception cref="PtxTextException">The text is no PTX, or has what is not interpreted.</exception>
    public static PtxModule Read(string text) => new PtxReader(text).Module();

    private PtxModule Module()
    {
        int version = 0, target = 0, addressSize = 0;
        var kernels = new List<PtxKernel>();
        while (Advance() is { } line)
        {
            if (VersionLine().Match(line) is { Success: true } v)
                version = (10 * Number(v.Groups[1])) + Number(v.Groups[2]);
            else if (TargetLine().Match(line) is { Success: true } t)
                target = Number(t.Groups[1]);
            else if (AddressLine().Match(line) is { Success: true } a)
                addressSize = Number(a.Groups[1]);
            else if (version < Version || target == 0 || addressSize != 64)
                throw new PtxTextException(_next, "the text opens with .version (6.0 or newer), .target sm_ and .address_size 64");
            else if (line.Contains(".entry", StringComparison.Ordinal))
                kernels.Add(Kernel(line));
            else
                throw new PtxTextException(_next, $"'{line}' is not interpreted");
            if (kernels.DistinctBy(kernel => kernel.Name).Count() < kernels.Count)
                throw new PtxTextException(_next, $"there are two kernels '{kernels[^1].Name}'");
        }
        return kernels.Count > 0 ? new PtxModule(version, target, kernels) : throw new PtxTextException(_next, "there is no kernel");
    }

    // from ".visible .entry Name(" to the closing brace
    private PtxKernel Kernel(string head)
    {
        int line = _next;
        while (!head.EndsWith('{'))
            head += " " + (Advance() ?? throw new PtxTextException(line, "the kernel has no body"));
        var match = Entry().Match(head);
        if (!match.Success)
            throw new PtxTextException(line, $"'{head}' is not interpreted");

        var kernel = new PtxKernelReader(match.Groups["name"].Value);
        const StringSplitOptions Trimmed = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        foreach (string parameter in match.Groups["parameters"].Value.Split(',', Trimmed))
            At(line, () => kernel.Parameter(parameter));
        if (match.Groups["most"] is { Success: true } most)
            kernel.MostThreads = Number(most);
        if (match.Groups["exact"] is { Success: true } exact)
            kernel.ExactThreads = Number(exact);

        while (Advance() is { } text)
        {
            if (text == "}")
                return At(line, kernel.Finished);
            At(_next, () => kernel.Line(_next, text));
        }
        throw new PtxTextException(line, "the kernel's closing brace is missing");
    }

    // The next line that is not empty, without its comment.
    private string? Advance()
    {
        while (_next < _lines.Length)
        {
            string line = _lines[_next++];
            int comment = line.IndexOf("//", StringComparison.Ordinal);
            line = (comment < 0 ? line : line[..comment]).Trim();
            if (line.Length > 0)
                return line;
        }
        return null;
    }

    // What is wrong with a line is said by those who do not know its number.
    private static void At(int line, Action read) => At(line, () =>
    {
        read();
        return true;
    });

    private static T At<T>(int line, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException wrong)
        {
            throw new PtxTextException(line, wrong.Message);
        }
    }

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\.version\s+(\d+)\.(\d)$")]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^\.target\s+sm_(\d+)a?$")]
    private static partial Regex TargetLine();

    [GeneratedRegex(@"^\.address_size\s+(\d+)$")]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"^(\.visible\s+)?\.entry\s+(?<name>\w+)\s*\((?<parameters>[^)]*)\)\s*" +
        @"(\.maxntid\s+(?<most>\d+)(\s*,\s*1){0,2}\s*)?(\.reqntid\s+(?<exact>\d+)(\s*,\s*1){0,2}\s*)?(\.minnctapersm\s+\d+\s*)?\{$")]
    private static partial Regex Entry();
}
