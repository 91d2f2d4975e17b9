using System.Globalization;
using System.Text.RegularExpressions;

namespace GanFromScratch.Tests;

/// <summary>The names of a kernel, and the slots of what they stand for.</summary>
internal sealed partial class PtxNames
{
    private readonly Dictionary<string, (int Slot, PtxType Type)> _registers = [];
    private readonly Dictionary<string, (int Slot, PtxType Type)> _parameters = [];
    private readonly Dictionary<string, PtxVariable> _variables = [];
    private readonly Dictionary<ulong, int> _constants = [];
    private readonly Dictionary<string, int> _specials = [];
    private readonly List<PtxVariable> _shared = [];
    private readonly List<PtxVariable> _local = [];

    public IReadOnlyDictionary<string, int> Registers => _registers.ToDictionary(register => register.Key, register => register.Value.Slot);

    public int Slots { get; private set; }

    public IReadOnlyDictionary<ulong, int> Constants => _constants;

    public IReadOnlyDictionary<string, int> Specials => _specials;

    public IReadOnlyList<PtxVariable> Shared => _shared;

    public IReadOnlyList<PtxVariable> Local => _local;

    public int Parameter(string name, PtxType type)
    {
        _parameters.Add(name, (Slots, type));
        return Slots++;
    }

    public void Register(string name, PtxType type)
    {
        if (!type.IsRegister || !_registers.TryAdd(name, (Slots++, type)))
            throw new FormatException($"the register {name} of type .{type.Name} is declared twice, or its type is not interpreted");
    }

    /// <summary>Places a variable behind a gap, so that going past an end is seen, and no better aligned than it asks for.</summary>
    public void Variable(bool shared, string name, int align, int bytes)
    {
        const int Gap = 64;
        if (!int.IsPow2(align) || align < 4 || bytes < 4 || bytes % 4 != 0)
            throw new FormatException("variables of whole words, and aligned to them, are interpreted");
        var variables = shared ? _shared : _local;
        int end = Gap + (variables.Count > 0 ? variables[^1].Address + variables[^1].Bytes : 0);
        int address = ((end + (2 * align) - 1) / (2 * align) * 2 * align) + align;
        var variable = new PtxVariable(name, address, bytes);
        if (!_variables.TryAdd(name, variable))
            throw new FormatException($"there are two variables '{name}'");
        variables.Add(variable);
    }

    /// <summary>The slot of a register that an instruction of this type writes or reads.</summary>
    public int RegisterSlot(string name, PtxType type)
    {
        var (slot, declared) = Declared(name);
        return type.Takes(declared)
            ? slot
            : throw new FormatException($"{name} is declared .{declared.Name}, where .{type.Name} is needed");
    }

    /// <summary>The slot of a source: a register, a number, a variable's address, or a special register.</summary>
    public int SourceSlot(string text, PtxType type)
    {
        if (_registers.ContainsKey(text))
            return RegisterSlot(text, type);
        if (SpecialName().IsMatch(text))
            return type is PtxType.U32 or PtxType.S32 or PtxType.B32 ? SpecialSlot(text) : throw new FormatException($"{text} has 32 bits");
        if (_variables.TryGetValue(text, out var variable))
        {
            bool whole = type is not (PtxType.F32 or PtxType.Pred);
            return whole ? ConstantSlot((ulong)variable.Address) : throw new FormatException($"{text} is an address");
        }
        return ConstantSlot(Literal(text, type));
    }

    /// <summary>The slot of the address that a memory operand starts from, and how many bits of it count.</summary>
    public (int Slot, ulong Mask) AddressSlot(string text, PtxSpace space)
    {
        if (_variables.TryGetValue(text, out var variable))
        {
            bool here = (space == PtxSpace.Shared ? _shared : _local).Contains(variable) && space != PtxSpace.Global;
            int constant = ConstantSlot((ulong)variable.Address);
            return here ? (constant, uint.MaxValue) : throw new FormatException($"{text} is not in this memory");
        }
        var (slot, type) = Declared(text);
        if (type.Size == 8)
            return (slot, ulong.MaxValue);
        bool allowed = type.Size == 4 && type != PtxType.F32 && space != PtxSpace.Global;
        return allowed ? (slot, uint.MaxValue) : throw new FormatException($"{text} cannot be an address");
    }

    public int ParameterSlot(string name, PtxType type)
    {
        if (!_parameters.TryGetValue(name, out var parameter))
            throw new FormatException($"there is no parameter '{name}'");
        return parameter.Type.Size == type.Size ? parameter.Slot : throw new FormatException($"'{name}' has {parameter.Type.Size} bytes");
    }

    public int ConstantSlot(ulong value)
    {
        if (!_constants.TryGetValue(value, out int slot))
            _constants.Add(value, slot = Slots++);
        return slot;
    }

    private int SpecialSlot(string name)
    {
        if (!_specials.TryGetValue(name, out int slot))
            _specials.Add(name, slot = Slots++);
        return slot;
    }

    private (int Slot, PtxType Type) Declared(string name) =>
        _registers.TryGetValue(name, out var register)
            ? register
            : throw new FormatException($"'{name}' is not declared, or not interpreted here");

    private static ulong Literal(string text, PtxType type)
    {
        if ((type is PtxType.F32 or PtxType.B32) && FloatLiteral().Match(text) is { Success: true } bits)
            return uint.Parse(bits.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if (type == PtxType.F32 || WholeLiteral().Match(text) is not { Success: true } match)
            throw new FormatException($"'{text}' is no operand of type .{type.Name}");
        var digits = match.Groups["digits"].ValueSpan;
        ulong value = match.Groups["hex"].Success
            ? ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : ulong.Parse(digits, CultureInfo.InvariantCulture);
        if (type == PtxType.Pred)
            return value <= 1 ? value : throw new FormatException($"'{text}' is no predicate");
        value = match.Groups["minus"].Success ? 0 - value : value;
        return type.Size == 8 ? value : (uint)value;
    }

    [GeneratedRegex(@"^%((tid|ntid|ctaid|nctaid)\.[xyz]|laneid)$")]
    private static partial Regex SpecialName();

    [GeneratedRegex(@"^0[fF]([0-9a-fA-F]{8})$")]
    private static partial Regex FloatLiteral();

    [GeneratedRegex(@"^(?<minus>-)?(?<hex>0[xX])?(?<digits>[0-9a-fA-F]+)U?$")]
    private static partial Regex WholeLiteral();
}
