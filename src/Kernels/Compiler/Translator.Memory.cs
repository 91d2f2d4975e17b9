using System.Reflection;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>The third part: variables, which are registers, and memory.</summary>
internal sealed partial class Translator
{
    private static Variable Local(Frame frame, IlInstruction il)
    {
        var local = frame.Locals[(int)il.Operand!];
        return local.Refusal is null ? local : throw new KernelRefusedException(local.Refusal);
    }

    private Operand Read(Variable variable)
    {
        if (variable.RefersTo is { } reference)
            return reference;
        if (variable.Slot is not { } slot)
            return new StructOperand(variable.Type, [.. variable.Fields.Select(Read)]);
        var value = _ssa.Read(slot);
        return variable.Type.IsByRef ? new ElementAddress(value) : new ScalarOperand(value);
    }

    private void Assign(Variable variable, Operand operand, Frame frame, int offset)
    {
        switch (operand)
        {
            case VariableAddress reference when variable.Type.IsByRef:
                if (variable.RefersToElements || (variable.RefersTo is { } other && other != reference))
                    throw Refused(frame, offset, "a reference is given another variable; use a new reference for it");
                variable.RefersTo = reference;
                break;
            case ElementAddress element when variable.Slot is { } slot:
                if (variable.RefersTo is not null)
                    throw Refused(frame, offset, "a reference to a variable is given an element of a view; use a new reference for it");
                variable.RefersToElements = true;
                _ssa.Write(slot, element.Pointer);
                break;
            case ScalarOperand scalar when variable.Slot is { } slot:
                _ssa.Write(slot, Narrowed(scalar.Value, variable.Type));
                break;
            case StructOperand whole when variable.Fields.Length == whole.Fields.Length:
                for (int i = 0; i < whole.Fields.Length; i++)
                    Assign(variable.Fields[i], whole.Fields[i], frame, offset);
                break;
            default:
                throw Refused(
                    frame, offset, $"{variable.Name} is assigned something that is no {Types.Name(variable.Type)}; only numbers, structs and views have values here");
        }
    }

    /// <summary>A local of less than four bytes keeps no more of a number than these.</summary>
    private Value Narrowed(Value value, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => Emit(Op.And, IrType.Int, value, Int(0xff)),
        TypeCode.UInt16 or TypeCode.Char => Emit(Op.And, IrType.Int, value, Int(0xffff)),
        TypeCode.SByte => Emit(Op.SignExtend8, IrType.Int, value),
        TypeCode.Int16 => Emit(Op.SignExtend16, IrType.Int, value),
        _ => value,
    };

    private Operand Field(Operand of, FieldInfo field, Frame frame, int offset) => of switch
    {
        StructOperand whole => whole.Fields[Array.FindIndex(Types.FieldsOf(whole.Type), f => f.Name == field.Name)],
        VariableAddress reference => Read(reference.Variable.Field(field)),
        ElementAddress element when element.Pointer.Type.Element == Element.Float4 => Field(LoadElement(element.Pointer), field, frame, offset),
        _ => throw Refused(frame, offset, $"the field {Types.NameOf(field)} of something in a heap; use a struct"),
    };

    private Operand StaticField(FieldInfo field, Frame frame, int offset)
    {
        if (field.FieldType.IsSubclassOf(typeof(Delegate))) // where C# keeps the delegate that a lambda is turned into
            throw Refused(frame, offset, Delegates);
        if (!field.IsInitOnly)
            throw Refused(frame, offset, $"the static field {field.Name} may change; pass its value as an argument");
        return field.GetValue(null) switch
        {
            float value => new ScalarOperand(_ssa.Constant(IrType.Float, BitConverter.SingleToInt32Bits(value))),
            int value => new ScalarOperand(Int(value)),
            uint value => new ScalarOperand(Int((int)value)),
            bool value => new ScalarOperand(Int(value ? 1 : 0)),
            _ => throw Refused(frame, offset, $"the static field {field.Name} is no number; pass it as an argument"),
        };
    }

    private Operand Zero(Type type) => Types.Scalar(type) is { } kind
        ? new ScalarOperand(_ssa.Constant(kind, 0))
        : !Types.IsView(type)
        ? new StructOperand(type, [.. Types.FieldsOf(type).Select(field => Zero(field.FieldType))])
        : throw new KernelRefusedException("default(ArrayView<T>) points nowhere; begin with a view of the arguments");

    private Operand Load(Operand address, string name, Frame frame, int offset) => address switch
    {
        VariableAddress reference => Read(reference.Variable),
        ElementAddress element => LoadElement(element.Pointer),
        _ => throw Refused(frame, offset, $"'{name}' reads through a pointer; index an ArrayView<T>"),
    };

    private Operand LoadElement(Value pointer)
    {
        pointer = pointer.Resolved();
        if (LocalSlot(pointer) is { } slot)
            return new ScalarOperand(_ssa.Read(slot));
        var value = Emit(Op.Load, Elements.TypeOf(pointer.Type.Element), pointer);
        return value.Type.Kind == IrType.Vector
            ? new StructOperand(typeof(Float4), [.. Enumerable.Range(0, 4).Select(part => new ScalarOperand(_ssa.Emit(Op.Part, IrType.Float, part, [value])))])
            : new ScalarOperand(value);
    }

    private void Store(Operand address, Operand value, Frame frame, int offset)
    {
        switch (address)
        {
            case VariableAddress reference:
                Assign(reference.Variable, value, frame, offset);
                break;
            case ElementAddress element when value is StructOperand whole && element.Pointer.Type.Element == Element.Float4:
                Emit(Op.Store4, IrType.None, [element.Pointer, .. whole.Fields.Select(field => ((ScalarOperand)field).Value)]);
                break;
            case ElementAddress element when value is ScalarOperand scalar:
                if (LocalSlot(element.Pointer.Resolved()) is { } slot)
                    _ssa.Write(slot, scalar.Value);
                else
                    Emit(Op.Store, IrType.None, element.Pointer, scalar.Value);
                break;
            default:
                throw Refused(frame, offset, "something is written through a pointer; index an ArrayView<T>");
        }
    }

    private static bool IsLocal(Value pointer) => RootOf(pointer.Resolved()).Op == Op.Local;

    private static Value RootOf(Value pointer)
    {
        while (pointer.Op == Op.Index)
            pointer = pointer.Operands[0].Resolved();
        return pointer;
    }

    private string LocalName(Value pointer) => $"local {_function.Memory[(int)RootOf(pointer.Resolved()).Bits].Site}";

    /// <summary>The register that an element of local memory is, or null where the pointer isn't one of local memory, or that has to be memory.</summary>
    private Slot? LocalSlot(Value pointer)
    {
        var root = RootOf(pointer);
        if (root.Op != Op.Local || _kept.Contains(LocalName(root))) // what only may point to local memory has made that memory: see Meet
            return null;
        if (pointer.Op == Op.Index && !(pointer.Operands[1].IsConstant && pointer.Operands[0].Resolved() == root))
            throw new Again(LocalName(root));
        long index = pointer.Op == Op.Index ? pointer.Operands[1].Bits : 0;
        var memory = _function.Memory[(int)root.Bits];
        if (index < 0 || index >= memory.Length)
            throw Refused($"element {index} of a local memory of {memory.Length}");
        if (!_elements.TryGetValue((root.Bits, index), out var slot))
            _elements[(root.Bits, index)] = slot = new Slot($"local{root.Bits}[{index}]", Elements.TypeOf(memory.Element), anywhere: true);
        return slot;
    }

    private readonly Dictionary<(long Block, long Index), Slot> _elements = [];
}
