using GanFromScratch.Tensors;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>
/// Writes a function as PTX (NVIDIA, "Parallel Thread Execution ISA"). Every value has a register of its own; the driver's assembler finds out which can
/// share one. Addresses of shared memory have 32 bits there, others 64. No operation flushes subnormal numbers, and none but fma is fused.
/// </summary>
internal sealed class PtxWriter : Writer
{
    private readonly PtxTarget _target;
    private readonly List<string> _body = [];
    private readonly Dictionary<string, int> _registers = [];
    private readonly Dictionary<Value, string> _names = [];

    private PtxWriter(Function function, PtxTarget target)
        : base(function) => _target = target;

    /// <summary>The text of a kernel.</summary>
    public static string Write(Function function, PtxTarget target)
    {
        var writer = new PtxWriter(function, target);
        writer.Kernel();
        return writer.Text;
    }

    private void Kernel()
    {
        Line($"// {Function.Title}, groups of {Function.GroupSize}");
        Line($".version {_target.Version / 10}.{_target.Version % 10}");
        Line($".target sm_{_target.Architecture}");
        Line(".address_size 64");
        Line("");
        Line($".visible .entry {Function.Name}(");
        Line(string.Join(",\n", Function.LiveParameters.Select(p => $"    .param .{Memory(p.Parameter.Type)} {p.Parameter.Name}")));
        Line(")");
        Line($".reqntid {Function.GroupSize}, 1, 1");
        Line(".minnctapersm 2"); // while one group waits another computes, so no thread has more than its share of registers
        Line("{");
        for (int i = 0; i < Function.Memory.Count; i++)
        {
            var memory = Function.Memory[i];
            if (Function.UsedMemory.Contains(i))
                Line($"    .{memory.Space.ToString().ToLowerInvariant()} .align 16 .b8 {MemoryName(memory.Space, i)}[{memory.Bytes}];");
        }
        foreach (var (parameter, number) in Function.LiveParameters)
            LoadParameter(parameter, number);
        for (int i = 0; i < Function.Memory.Count; i++)
        {
            if (Function.UsedMemory.Contains(i))
                Write($"mov.{(Function.Memory[i].Space == Space.Shared ? "u32" : "u64")} {OfMemory(i)}, {MemoryName(Function.Memory[i].Space, i)};");
        }
        Blocks();
        foreach (var (prefix, type) in ((string, string)[])[("p", "pred"), ("r", "b32"), ("rd", "b64"), ("f", "f32")])
        {
            if (_registers.TryGetValue(prefix, out int count))
                Line($"    .reg .{type} %{prefix}<{count}>;");
        }
        _body.ForEach(Line);
        Line("}");
    }

    private readonly Dictionary<int, string> _parameters = [];
    private readonly Dictionary<int, string> _memory = [];

    private void LoadParameter(Parameter parameter, int number)
    {
        string register = New(parameter.Type);
        Write($"ld.param.{Memory(parameter.Type)} {register}, [{parameter.Name}];");
        if (parameter.Type.IsPointer)
            Write($"cvta.to.global.u64 {register}, {register};");
        _parameters[number] = register;
    }

    private string OfMemory(int number)
    {
        if (!_memory.TryGetValue(number, out var register))
            _memory[number] = register = New(new(IrType.Pointer, Function.Memory[number].Space));
        return register;
    }

    private void Write(string instruction) => _body.Add($"    {instruction}");

    protected override void Label(Block block) => _body.Add($"{block}:");

    protected override void Jump(Block to) => Write($"bra {to};");

    protected override void Branch(Value condition, bool negated, Block to) => Write($"@{(negated ? "!" : "")}{Operand(condition)} bra {to};");

    protected override void Return() => Write("ret;");

    protected override void Copy(string to, string from, ValueType type) => Write($"mov.{Register(type)} {to}, {from};");

    protected override string Keep(string value, ValueType type)
    {
        string register = New(type);
        Copy(register, value, type);
        return register;
    }

    protected override string Operand(Value value)
    {
        switch (value.Op)
        {
            case Op.Constant:
                return value.Type.Kind == IrType.Float ? $"0f{(uint)value.Bits:X8}" : Whole(value.Bits);
            case Op.Parameter:
                return _parameters[(int)value.Bits];
            case Op.Shared or Op.Local:
                return OfMemory((int)value.Bits);
        }
        if (IsOffset(value))
        {
            string sum = New(value.Type);
            string type = value.Type.Space == Space.Shared ? "s32" : "s64", bytes = Whole(value.Operands[1].Bits * Elements.Size(value.Type.Element));
            Write($"add.{type} {sum}, {Operand(value.Operands[0])}, {bytes};");
            return sum;
        }
        if (!_names.TryGetValue(value, out var name))
            _names[value] = name = New(value.Type);
        return name;
    }

    protected override void Instruction(Value value)
    {
        if (IsOffset(value))
            return;
        var operands = value.Operands;
        string type = Numeric(value.Type), of = operands.Length > 0 ? Numeric(operands[0].Type) : "";
        bool isFloat = of == "f32";
        switch (value.Op)
        {
            case Op.Add or Op.Subtract or Op.Multiply or Op.Divide or Op.Remainder:
                string name = value.Op switch { Op.Add => "add", Op.Subtract => "sub", Op.Multiply => "mul", Op.Divide => "div", _ => "rem" };
                Plain(isFloat ? $"{name}.rn.f32" : value.Op == Op.Multiply ? $"mul.lo.{type}" : $"{name}.{type}");
                break;
            case Op.DivideU or Op.RemainderU:
                Plain($"{(value.Op == Op.DivideU ? "div" : "rem")}.{Unsigned(value.Type)}");
                break;
            case Op.Negate or Op.Abs:
                Plain($"{(value.Op == Op.Abs ? "abs" : "neg")}.{type}");
                break;
            case Op.And or Op.Or or Op.Xor or Op.Not:
                Plain($"{value.Op.ToString().ToLowerInvariant()}.{(value.Type.Kind == IrType.Bool ? "pred" : Bits(value.Type))}");
                break;
            case Op.ShiftLeft:
                Plain($"shl.{Bits(value.Type)}");
                break;
            case Op.ShiftRight:
                Plain($"shr.{type}");
                break;
            case Op.ShiftRightU:
                Plain($"shr.{Unsigned(value.Type)}");
                break;
            case Op.MultiplyAdd:
                Plain("fma.rn.f32");
                break;
            case Op.Sqrt:
                Plain("sqrt.rn.f32");
                break;
            case Op.Round:
                Plain("cvt.rni.f32.f32");
                break;
            case Op.Floor:
                Plain("cvt.rmi.f32.f32");
                break;
            case >= Op.Equal and <= Op.GreaterEqualU:
                Plain($"setp.{Comparison(value.Op, isFloat)}.{(isFloat ? "f32" : value.Op >= Op.LessU ? Unsigned(operands[0].Type) : of)}");
                break;
            case Op.Select:
                Write($"selp.{Register(value.Type)} {Operand(value)}, {Operand(operands[1])}, {Operand(operands[2])}, {Operand(operands[0])};");
                break;
            case Op.IntToLong:
                Plain("cvt.s64.s32");
                break;
            case Op.UIntToLong:
                Plain("cvt.u64.u32");
                break;
            case Op.LongToInt:
                Plain("cvt.u32.u64");
                break;
            case Op.IntToFloat:
                Plain("cvt.rn.f32.s32");
                break;
            case Op.UIntToFloat:
                Plain("cvt.rn.f32.u32");
                break;
            case Op.LongToFloat:
                Plain("cvt.rn.f32.s64");
                break;
            case Op.FloatToInt:
                Plain("cvt.rzi.s32.f32");
                break;
            case Op.FloatToUInt:
                Plain("cvt.rzi.u32.f32");
                break;
            case Op.FloatToBits or Op.BitsToFloat:
                Plain("mov.b32");
                break;
            case Op.SignExtend8:
                Plain("cvt.s32.s8");
                break;
            case Op.SignExtend16:
                Plain("cvt.s32.s16");
                break;
            case Op.Index:
                Index(value);
                break;
            case Op.Cast:
                Plain($"mov.{Register(value.Type)}");
                break;
            case Op.Load when value.Type.Kind == IrType.Vector:
                string parts = string.Join(", ", Enumerable.Range(0, 4).Select(part => PartOf(value, part)));
                Write($"ld.{SpaceName(operands[0])}.v4.f32 {{{parts}}}, {Address(operands[0])};");
                break;
            case Op.Load:
                Write($"ld.{SpaceName(operands[0])}.{Memory(value.Type)} {Operand(value)}, {Address(operands[0])};");
                break;
            case Op.Part:
                _names[value] = PartOf(operands[0], (int)value.Bits);
                break;
            case Op.Store:
                string stored = InRegister(operands[1]);
                Write($"st.{SpaceName(operands[0])}.{Memory(operands[1].Type)} {Address(operands[0])}, {stored};");
                break;
            case Op.Store4:
                string four = string.Join(", ", operands[1..].Select(InRegister));
                Write($"st.{SpaceName(operands[0])}.v4.f32 {Address(operands[0])}, {{{four}}};");
                break;
            case Op.Atomic:
                Atomic(value);
                break;
            case Op.GroupIndex:
                Special("tid.x");
                break;
            case Op.GridIndexX or Op.GridIndexY or Op.GridIndexZ:
                Special($"ctaid.{"xyz"[value.Op - Op.GridIndexX]}");
                break;
            case Op.GridSizeX or Op.GridSizeY or Op.GridSizeZ:
                Special($"nctaid.{"xyz"[value.Op - Op.GridSizeX]}");
                break;
            case Op.LaneIndex:
                Special("laneid");
                break;
            case Op.Barrier:
                Write("bar.sync 0;");
                break;
            case Op.ShuffleXor or Op.ShuffleDown or Op.Shuffle:
                Shuffle(value);
                break;
            default:
                throw new InvalidOperationException($"PtxWriter: {value.Op} has no PTX");
        }

        void Plain(string instruction) => Write($"{instruction} {Operand(value)}, {string.Join(", ", operands.Select(Operand))};");

        void Special(string register) => Write($"mov.u32 {Operand(value)}, %{register};");
    }

    private void Index(Value value)
    {
        Value pointer = value.Operands[0], index = value.Operands[1];
        int size = Elements.Size(value.Type.Element);
        string to = Operand(value), from = Operand(pointer);
        bool isLong = index.Type.Kind == IrType.Long;
        if (value.Type.Space == Space.Shared)
        {
            string low = Operand(index);
            if (isLong)
            {
                low = New(IrType.Int);
                Write($"cvt.u32.u64 {low}, {Operand(index)};");
            }
            Write($"mad.lo.s32 {to}, {low}, {size}, {from};");
        }
        else
        {
            Write($"mad.{(isLong ? "lo.s64" : "wide.s32")} {to}, {Operand(index)}, {size}, {from};");
        }
    }

    private void Atomic(Value value)
    {
        string name = (AtomicKind)value.Bits switch
        {
            AtomicKind.Add => "add.u32",
            AtomicKind.MinS => "min.s32",
            AtomicKind.MaxS => "max.s32",
            AtomicKind.And => "and.b32",
            AtomicKind.Or => "or.b32",
            AtomicKind.Xor => "xor.b32",
            AtomicKind.Exchange => "exch.b32",
            _ => "cas.b32",
        };
        var values = value.Operands[1..].Select(InRegister).ToArray();
        Write($"atom.{SpaceName(value.Operands[0])}.{name} {Operand(value)}, {Address(value.Operands[0])}, {string.Join(", ", values)};");
    }

    private void Shuffle(Value value)
    {
        string mode = value.Op switch { Op.ShuffleXor => "bfly", Op.ShuffleDown => "down", _ => "idx" };
        string given = New(IrType.Int), taken = New(IrType.Int);
        Write($"mov.b32 {given}, {InRegister(value.Operands[0])};");
        Write($"shfl.sync.{mode}.b32 {taken}, {given}, {Operand(value.Operands[1])}, 0x1f, 0xffffffff;");
        Write($"mov.b32 {Operand(value)}, {taken};");
    }

    private string Address(Value pointer)
    {
        var (from, offset) = Split(pointer);
        long bytes = offset * Elements.Size(pointer.Type.Element);
        return bytes == 0 ? $"[{Operand(from)}]" : $"[{Operand(from)}+{Whole(bytes)}]";
    }

    private string InRegister(Value value)
    {
        if (!value.IsConstant)
            return Operand(value);
        string register = New(value.Type);
        Write($"mov.{Register(value.Type)} {register}, {Operand(value)};");
        return register;
    }

    private readonly Dictionary<(Value, int), string> _parts = [];

    private string PartOf(Value vector, int part)
    {
        if (!_parts.TryGetValue((vector, part), out var register))
            _parts[(vector, part)] = register = New(IrType.Float);
        return register;
    }

    private string New(ValueType type)
    {
        string prefix = type.Kind switch
        {
            IrType.Bool => "p",
            IrType.Float => "f",
            IrType.Long => "rd",
            IrType.Pointer when type.Space != Space.Shared => "rd",
            _ => "r",
        };
        int number = _registers.GetValueOrDefault(prefix);
        _registers[prefix] = number + 1;
        return $"%{prefix}{number}";
    }

    private static string Comparison(Op op, bool isFloat) => op switch
    {
        Op.Equal => "eq",
        Op.NotEqual => isFloat ? "neu" : "ne", // C#'s != is true for NaN
        Op.Less => "lt",
        Op.LessEqual => "le",
        Op.Greater => "gt",
        Op.GreaterEqual => "ge",
        Op.LessU => isFloat ? "ltu" : "lt",
        Op.LessEqualU => isFloat ? "leu" : "le",
        Op.GreaterU => isFloat ? "gtu" : "gt",
        _ => isFloat ? "geu" : "ge",
    };

    private static string MemoryName(Space space, int number) => $"{space.ToString().ToLowerInvariant()}{number}";

    private static string SpaceName(Value pointer) => pointer.Type.Space.ToString().ToLowerInvariant();

    private static string Numeric(ValueType type) => type.Kind switch
    {
        IrType.Float => "f32",
        IrType.Long => "s64",
        _ => "s32",
    };

    private static string Unsigned(ValueType type) => type.Kind == IrType.Long ? "u64" : "u32";

    private static string Bits(ValueType type) => type.Kind == IrType.Long ? "b64" : "b32";

    /// <summary>How a register of this type is moved.</summary>
    private static string Register(ValueType type) => type.Kind switch
    {
        IrType.Bool => "pred",
        IrType.Float => "f32",
        IrType.Long => "b64",
        IrType.Pointer when type.Space != Space.Shared => "b64",
        _ => "b32",
    };

    /// <summary>How it is read and written.</summary>
    private static string Memory(ValueType type) => type.Kind switch
    {
        IrType.Float => "f32",
        IrType.Long or IrType.Pointer => "u64",
        _ => "u32",
    };
}
