using System.Globalization;
using System.Text.RegularExpressions;

namespace GanFromScratch.Tests;

/// <summary>Decodes instructions. What it refuses is a FormatException.</summary>
internal sealed partial class PtxInstructionReader(PtxNames names, Dictionary<string, int> labels)
{
    // What was there, and the operands: what is there then. There is no addition of floats, whose sum depends on the threads' order.
    private static readonly Dictionary<string, (int Operands, PtxFunction Run)> Atomics = new()
    {
        ["add.u32"] = (1, (old, b, _) => (uint)old + (uint)b),
        ["add.s32"] = (1, (old, b, _) => (uint)old + (uint)b),
        ["min.u32"] = (1, (old, b, _) => ulong.Min(old, b)),
        ["max.u32"] = (1, (old, b, _) => ulong.Max(old, b)),
        ["min.s32"] = (1, (old, b, _) => (int)old < (int)b ? old : b),
        ["max.s32"] = (1, (old, b, _) => (int)old > (int)b ? old : b),
        ["and.b32"] = (1, (old, b, _) => old & b),
        ["or.b32"] = (1, (old, b, _) => old | b),
        ["xor.b32"] = (1, (old, b, _) => old ^ b),
        ["exch.b32"] = (1, (_, b, _) => b),
        ["cas.b32"] = (2, (old, b, c) => old == b ? c : old),
    };

    public PtxInstruction Read(int line, string text)
    {
        var match = Instruction().Match(text);
        if (!match.Success)
            throw new FormatException("this is no instruction on a line of its own");
        string name = match.Groups["name"].Value;
        string[] operands = Split(match.Groups["operands"].Value);
        var instruction = Decoded(new PtxInstruction(line, text), name, operands);
        if (!match.Groups["guard"].Success)
            return instruction;
        int guard = names.RegisterSlot(match.Groups["guard"].Value, PtxType.Pred);
        return instruction with { Guard = guard, SkippedBy = match.Groups["not"].Success ? 1ul : 0 };
    }

    private PtxInstruction Decoded(PtxInstruction plain, string name, string[] operands)
    {
        if (PtxOperation.All.TryGetValue(name, out var operation))
            return Compute(plain, operation, operands);
        string[] words = [.. name.Split('.').Where(word => word is not ("volatile" or "uni"))];
        return words switch
        {
            ["ld", "param", var type] => Compute(plain, Type(type), operands),
            ["ld", var space, .. var rest] => Access(plain, PtxKind.Load, space, rest, Counted(operands, 2)[0], operands[1]),
            ["st", var space, .. var rest] => Access(plain, PtxKind.Store, space, rest, Counted(operands, 2)[1], operands[0]),
            ["atom", var space, var change, var type] when Atomics.TryGetValue($"{change}.{type}", out var atomic) =>
                Atomic(plain, space, Type(type), Counted(operands, 2 + atomic.Operands), atomic.Run),
            ["shfl", "sync", var mode, "b32"] => Shuffle(plain, mode, Counted(operands, 5)),
            ["bra"] => plain with { Kind = PtxKind.Branch, Target = Label(Counted(operands, 1)[0]) },
            ["bar" or "barrier", "sync"] when operands is ["0"] => plain with { Kind = PtxKind.Barrier },
            ["ret" or "exit"] when operands is [] => plain with { Kind = PtxKind.Return },
            _ => throw new FormatException("this instruction is not interpreted"),
        };
    }

    private PtxInstruction Compute(PtxInstruction plain, PtxOperation operation, string[] operands)
    {
        Counted(operands, 1 + operation.Sources.Count);
        int[] sources = [.. operation.Sources.Select((type, i) => Source(operation.Name, operands[1 + i], type))];
        return plain with
        {
            Kind = PtxKind.Compute,
            Result = names.RegisterSlot(operands[0], operation.Result),
            A = sources[0],
            B = sources.Length > 1 ? sources[1] : names.ConstantSlot(0),
            C = sources.Length > 2 ? sources[2] : names.ConstantSlot(0),
            Function = operation.Run,
        };
    }

    private int Source(string name, string text, PtxType type) =>
        text.Contains('.') && !name.StartsWith("mov.", StringComparison.Ordinal)
            ? throw new FormatException($"only mov reads {text}")
            : names.SourceSlot(text, type);

    // ld.param: a parameter is a slot, so this is a move
    private PtxInstruction Compute(PtxInstruction plain, PtxType type, string[] operands) => plain with
    {
        Kind = PtxKind.Compute,
        Result = names.RegisterSlot(Counted(operands, 2)[0], type),
        A = names.ParameterSlot(operands[1].Trim('[', ']', ' '), type),
        B = names.ConstantSlot(0),
        C = names.ConstantSlot(0),
    };

    private PtxInstruction Access(PtxInstruction plain, PtxKind kind, string space, string[] rest, string value, string address)
    {
        var (count, type) = rest switch
        {
            ["v2", var t] => (2, Type(t)),
            ["v4", var t] => (4, Type(t)),
            [var t] => (1, Type(t)),
            _ => throw new FormatException("this instruction is not interpreted"),
        };
        if (value.StartsWith('{') != (count > 1) || type.Size < 4 || count * type.Size > 16)
            throw new FormatException("this access is not interpreted");
        string[] elements = Counted(value.Trim('{', '}').Split(',', StringSplitOptions.TrimEntries), count);
        return Addressed(plain, space, address) with
        {
            Kind = kind,
            Size = type.Size,
            Elements = [.. elements.Select(e => kind == PtxKind.Load ? names.RegisterSlot(e, type) : names.SourceSlot(e, type))],
        };
    }

    private PtxInstruction Atomic(PtxInstruction plain, string space, PtxType type, string[] operands, PtxFunction run)
    {
        if (space == "local")
            throw new FormatException("there are no atomics of local memory");
        return Addressed(plain, space, operands[1]) with
        {
            Kind = PtxKind.Atomic,
            Size = type.Size,
            Elements = [names.RegisterSlot(operands[0], type)],
            Result = names.RegisterSlot(operands[0], type),
            B = names.SourceSlot(operands[2], type),
            C = operands.Length > 3 ? names.SourceSlot(operands[3], type) : names.ConstantSlot(0),
            Function = run,
        };
    }

    private PtxInstruction Addressed(PtxInstruction plain, string spaceName, string text)
    {
        var space = spaceName switch
        {
            "global" => PtxSpace.Global,
            "shared" => PtxSpace.Shared,
            "local" => PtxSpace.Local,
            _ => throw new FormatException($"memory .{spaceName} is not interpreted"),
        };
        var match = Address().Match(text);
        if (!match.Success)
            throw new FormatException($"{text} is no address");
        var (slot, mask) = names.AddressSlot(match.Groups["base"].Value, space);
        long offset = match.Groups["offset"] is { Success: true } digits ? long.Parse(digits.ValueSpan, CultureInfo.InvariantCulture) : 0;
        return plain with { Space = space, A = slot, AddressMask = mask, Offset = (ulong)offset };
    }

    private PtxInstruction Shuffle(PtxInstruction plain, string mode, string[] operands)
    {
        string[] results = operands[0].Split('|');
        return plain with
        {
            Kind = PtxKind.Shuffle,
            Shuffle = mode switch
            {
                "bfly" => PtxShuffle.Bfly,
                "down" => PtxShuffle.Down,
                "up" => PtxShuffle.Up,
                "idx" => PtxShuffle.Idx,
                _ => throw new FormatException("this instruction is not interpreted"),
            },
            Result = names.RegisterSlot(results[0], PtxType.B32),
            InRange = results.Length > 1 ? names.RegisterSlot(results[1], PtxType.Pred) : -1,
            A = names.SourceSlot(operands[1], PtxType.B32),
            B = names.SourceSlot(operands[2], PtxType.U32),
            C = names.SourceSlot(operands[3], PtxType.U32),
            Members = names.SourceSlot(operands[4], PtxType.U32),
        };
    }

    private int Label(string name) =>
        labels.TryGetValue(name, out int target) ? target : throw new FormatException($"there is no label '{name}'");

    private static PtxType Type(string name) => PtxTypes.Named(name) ?? throw new FormatException($"the type .{name} is not interpreted");

    private static string[] Counted(string[] operands, int count) =>
        operands.Length == count ? operands : throw new FormatException($"{operands.Length} operands instead of {count}");

    // at commas outside of braces
    private static string[] Split(string operands) => operands.Length == 0 ? [] : Comma().Split(operands);

    [GeneratedRegex(@"^(@(?<not>!)?(?<guard>%\w+)\s+)?(?<name>[a-z][a-z0-9_.]*)(\s+(?<operands>.*?))?\s*;$")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"^\[\s*(?<base>[%\w]+)\s*(\+\s*(?<offset>-?\d+)\s*)?\]$")]
    private static partial Regex Address();

    [GeneratedRegex(@"\s*,\s*(?![^{]*\})")]
    private static partial Regex Comma();
}
