using System.Reflection;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>What lies on IL's evaluation stack, as far as it is known while a kernel is compiled.</summary>
internal abstract record Operand;

/// <summary>A scalar.</summary>
internal sealed record ScalarOperand(Value Value) : Operand;

/// <summary>A struct, field by field: it is never in memory, but for a <see cref="Float4"/>.</summary>
internal sealed record StructOperand(Type Type, Operand[] Fields) : Operand;

/// <summary>The address of a local, an argument, or a field of one: known, so that what is done through it is done to the variable itself.</summary>
internal sealed record VariableAddress(Variable Variable) : Operand;

/// <summary>The address of an element of a view.</summary>
internal sealed record ElementAddress(Value Pointer) : Operand;

/// <summary>A type, of <c>typeof(F) == typeof(Identity)</c>.</summary>
internal sealed record TypeOperand(Type Type) : Operand;

/// <summary>A local, an argument, or a field of one. Structs are taken apart into their fields; what is left are slots.</summary>
internal sealed class Variable
{
    private Variable(string name, Type type, Slot? slot, Variable[] fields)
    {
        Name = name;
        Type = type;
        Slot = slot;
        Fields = fields;
    }

    public string Name { get; }

    public Type Type { get; }

    /// <summary>Of a scalar, of a view's pointer, or of a reference to an element.</summary>
    public Slot? Slot { get; }

    public Variable[] Fields { get; }

    /// <summary>What a reference to a variable refers to: always the same one.</summary>
    public VariableAddress? RefersTo { get; set; }

    /// <summary>A new variable.</summary>
    /// <param name="name">Its name in the source.</param>
    /// <param name="type">Its type.</param>
    /// <param name="path">What tells it from others of this name.</param>
    public static Variable Of(string name, Type type, string path)
    {
        if (type.IsByRef)
            return new Variable(name, type, new Slot($"{path} {name}", IrType.Pointer), []);
        if (Types.Scalar(type) is { } kind)
            return new Variable(name, type, new Slot($"{path} {name}", kind), []);
        if (Types.IsView(type))
        {
            var slot = new Slot($"{path} {name}", new(IrType.Pointer, Space.Global, Types.ElementOf(type.GetGenericArguments()[0])));
            return new Variable(name, type, null, [new Variable(name, typeof(nint), slot, []), Of($"{name}.Length", typeof(long), path)]);
        }
        return new Variable(name, type, null, [.. Types.FieldsOf(type).Select(field => Of($"{name}.{Types.NameOf(field)}", field.FieldType, path))]);
    }

    public Variable Field(FieldInfo field) => Fields[Array.FindIndex(Types.FieldsOf(Type), f => f.Name == field.Name)];

    public IEnumerable<Slot> Slots() => Slot is { } slot ? [slot] : Fields.SelectMany(field => field.Slots());
}

/// <summary>How the compiler sees C#'s types.</summary>
internal static class Types
{
    /// <summary>The type of a scalar in a register, or null for a struct.</summary>
    /// <exception cref="KernelRefusedException">Neither is the type one.</exception>
    public static IrType? Scalar(Type type)
    {
        if (type.IsEnum)
            type = Enum.GetUnderlyingType(type);
        if (type == typeof(float))
            return IrType.Float;
        if (type == typeof(int) || type == typeof(uint) || type == typeof(bool) || type == typeof(byte) || type == typeof(sbyte)
            || type == typeof(short) || type == typeof(ushort) || type == typeof(char))
            return IrType.Int;
        if (type == typeof(long) || type == typeof(ulong) || type == typeof(nint) || type == typeof(nuint))
            return IrType.Long;
        if (type == typeof(double) || type == typeof(decimal) || type == typeof(Half))
            throw new KernelRefusedException($"'{type.Name}' has no registers here; use float");
        if (type.IsPointer)
            throw new KernelRefusedException($"'{type.Name}' is a bare pointer; use ArrayView<T>");
        if (!type.IsValueType)
            throw new KernelRefusedException($"'{Name(type)}' is a class, which needs a heap; use a struct, or ArrayView<T> for an array");
        return null;
    }

    public static bool IsView(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ArrayView<>);

    public static Element ElementOf(Type type)
    {
        if (type == typeof(float))
            return Element.Float;
        if (type == typeof(int) || type == typeof(uint))
            return Element.Int;
        if (type == typeof(long) || type == typeof(ulong))
            return Element.Long;
        return type == typeof(Float4)
            ? Element.Float4
            : throw new KernelRefusedException($"'ArrayView<{Name(type)}>' has no such elements; use float, int, uint, long, ulong or Float4");
    }

    /// <summary>The fields of a struct, in the order of its memory.</summary>
    public static FieldInfo[] FieldsOf(Type type)
    {
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Array.Sort(fields, (a, b) => a.MetadataToken.CompareTo(b.MetadataToken));
        return fields;
    }

    /// <summary>A field's name in the source: that of the property or the primary constructor's parameter behind it.</summary>
    public static string NameOf(FieldInfo field) => field.Name[0] == '<' ? field.Name[1..field.Name.IndexOf('>')] : field.Name;

    /// <summary>A type's name as C# has it: `MapKernel&lt;LeakyRelu&gt;`.</summary>
    public static string Name(Type type)
    {
        string name = type.IsGenericType ? type.Name[..type.Name.IndexOf('`')] : type.Name;
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }

    /// <summary>A method's name likewise.</summary>
    public static string Name(MethodBase method)
    {
        string name = method.Name;
        return method.IsGenericMethod ? $"{name}<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : name;
    }
}
