using System.Globalization;
using System.Text.RegularExpressions;

namespace GanFromScratch.Tests;

/// <summary>Reads one kernel: declarations here, instructions by <see cref="PtxInstructionReader"/>. What it refuses is a FormatException.</summary>
internal sealed partial class PtxKernelReader(string name)
{
    private const int MostSharedBytes = 48 << 10;

    private readonly List<PtxParameter> _parameters = [];
    private readonly PtxNames _names = new();
    private readonly List<(int Line, string Text)> _lines = [];
    private readonly Dictionary<string, int> _labels = [];

    public int MostThreads { get; set; } = 1024;

    public int? ExactThreads { get; set; }

    /// <summary>".param .u64 x"</summary>
    public void Parameter(string text)
    {
        var match = ParameterText().Match(text);
        if (!match.Success)
            throw new FormatException($"'{text}' is no parameter that is interpreted");
        var type = Type(match.Groups[1].Value);
        string parameter = match.Groups[2].Value;
        if (type.Size < 4 || _parameters.Any(p => p.Name == parameter))
            throw new FormatException($"'{text}' is no parameter that is interpreted");
        _parameters.Add(new PtxParameter(parameter, type, _names.Parameter(parameter, type)));
    }

    /// <summary>A declaration, a label or an instruction.</summary>
    public void Line(int line, string text)
    {
        if (Label().Match(text) is { Success: true } label)
        {
            if (!_labels.TryAdd(label.Groups[1].Value, _lines.Count))
                throw new FormatException($"there are two labels '{label.Groups[1].Value}'");
        }
        else if (RegisterRange().Match(text) is { Success: true } range)
        {
            for (int i = 0; i < Number(range.Groups[3]); i++)
                _names.Register(range.Groups[2].Value + i, Type(range.Groups[1].Value));
        }
        else if (RegisterList().Match(text) is { Success: true } list)
        {
            foreach (string register in list.Groups[2].Value.Split(',', StringSplitOptions.TrimEntries))
                _names.Register(register, Type(list.Groups[1].Value));
        }
        else if (Variable().Match(text) is { Success: true } variable)
        {
            int align = variable.Groups["align"] is { Success: true } given ? Number(given) : Type(variable.Groups["type"].Value).Size;
            int bytes = Number(variable.Groups["count"]) * Type(variable.Groups["type"].Value).Size;
            _names.Variable(variable.Groups["space"].Value == "shared", variable.Groups["name"].Value, align, bytes);
        }
        else
        {
            _lines.Add((line, text));
        }
    }

    public PtxKernel Finished()
    {
        if (_names.Shared.Sum(variable => variable.Bytes) > MostSharedBytes)
            throw new FormatException($"more than {MostSharedBytes} bytes of shared memory");
        var reader = new PtxInstructionReader(_names, _labels);
        var code = new List<PtxInstruction>();
        foreach (var (line, text) in _lines)
        {
            try
            {
                code.Add(reader.Read(line, text));
            }
            catch (FormatException wrong)
            {
                throw new PtxTextException(line, $"'{text}': {wrong.Message}");
            }
        }
        int end = _lines.Count > 0 ? _lines[^1].Line : 0;
        code.Add(new PtxInstruction(end, "end of the kernel") { Kind = PtxKind.Return });
        return new PtxKernel(
            name,
            _parameters,
            MostThreads,
            ExactThreads,
            [.. code],
            _names.Registers,
            _names.Slots,
            _names.Constants,
            _names.Specials,
            _names.Shared,
            _names.Local);
    }

    private static PtxType Type(string type) =>
        PtxTypes.Named(type) ?? throw new FormatException($"the type .{type} is not interpreted");

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\.param\s+\.(\w+)\s+(\w+)$")]
    private static partial Regex ParameterText();

    [GeneratedRegex(@"^([\w$]+):$")]
    private static partial Regex Label();

    [GeneratedRegex(@"^\.reg\s+\.(\w+)\s+(%\w+)<(\d+)>\s*;$")]
    private static partial Regex RegisterRange();

    [GeneratedRegex(@"^\.reg\s+\.(\w+)\s+(%\w+(\s*,\s*%\w+)*)\s*;$")]
    private static partial Regex RegisterList();

    [GeneratedRegex(@"^\.(?<space>shared|local)\s+(\.align\s+(?<align>\d+)\s+)?\.(?<type>\w+)\s+(?<name>\w+)\[(?<count>\d+)\]\s*;$")]
    private static partial Regex Variable();
}
