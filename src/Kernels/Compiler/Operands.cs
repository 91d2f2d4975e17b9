using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

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

    /// <summary>Whether a reference was given an element of a view; then it never refers to a variable.</summary>
    public bool RefersToElements { get; set; }

    /// <summary>Why a local of this type can't be used. It is said where the local is used, not where the method begins.</summary>
    public string? Refusal { get; private init; }

    /// <summary>A local variable, of any type.</summary>
    public static Variable OfLocal(string name, Type type, string path)
    {
        try
        {
            return Of(name, type, path);
        }
        catch (KernelRefusedException fault)
        {
            return new Variable(name, type, null, []) { Refusal = fault.Message };
        }
    }

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
            throw new KernelRefusedException($"'{Name(type)}' has no registers here; use float");
        if (Refusal(type) is { } refusal)
            throw new KernelRefusedException($"'{Name(type)}' {refusal}");
        return null;
    }

    /// <summary>Why a type that is no number can't be taken apart into numbers; null where it can.</summary>
    private static string? Refusal(Type type) =>
        type.IsPointer || type.IsFunctionPointer ? "is a bare pointer; use ArrayView<T>"
        : type.IsArray ? "is an array, which lies in a heap; use ArrayView<T>, SharedMemory.Allocate<T>(n) or LocalMemory.Allocate<T>(n)"
        : type == typeof(string) ? "is text; kernels have numbers only"
        : type.IsSubclassOf(typeof(Delegate)) ? "is a delegate or lambda; use a struct with a method, as a generic type parameter"
        : type.IsInterface ? "is an interface, whose methods are known when the kernel runs; make it a generic type parameter"
        : !type.IsValueType ? "is a class, which needs a heap; use a struct"
        : type.IsDefined(typeof(InlineArrayAttribute)) ? "is an inline array, and registers can't be indexed; use LocalMemory.Allocate<T>(n)"
        : type.IsExplicitLayout ? "lays its fields over each other; use BitConverter to see a number's bits"
        : null;

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
    public static FieldInfo[] FieldsOf(Type type) => Fields.GetOrAdd(type, static type =>
    {
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        Array.Sort(fields, (a, b) => a.MetadataToken.CompareTo(b.MetadataToken));
        return fields;
    });

    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = [];

    /// <summary>A field's name in the source: that of the property or the primary constructor's parameter behind it.</summary>
    public static string NameOf(FieldInfo field) => field.Name[0] == '<' ? field.Name[1..field.Name.IndexOf('>')] : field.Name;

    /// <summary>A type's name as C# has it: `MapKernel&lt;LeakyRelu&gt;`, `float[]`.</summary>
    public static string Name(Type type)
    {
        if (type.HasElementType)
            return Name(type.GetElementType()!) + (type.IsArray ? $"[{new string(',', type.GetArrayRank() - 1)}]" : type.IsPointer ? "*" : "&");
        if (!type.IsEnum && Keywords.TryGetValue(Type.GetTypeCode(type), out var keyword))
            return keyword;
        int arguments = type.Name.IndexOf('`');
        return arguments >= 0 ? $"{type.Name[..arguments]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
    }

    private static readonly Dictionary<TypeCode, string> Keywords = new()
    {
        [TypeCode.Boolean] = "bool",
        [TypeCode.Byte] = "byte",
        [TypeCode.SByte] = "sbyte",
        [TypeCode.Int16] = "short",
        [TypeCode.UInt16] = "ushort",
        [TypeCode.Int32] = "int",
        [TypeCode.UInt32] = "uint",
        [TypeCode.Int64] = "long",
        [TypeCode.UInt64] = "ulong",
        [TypeCode.Char] = "char",
        [TypeCode.Single] = "float",
        [TypeCode.Double] = "double",
        [TypeCode.Decimal] = "decimal",
        [TypeCode.String] = "string",
    };

    /// <summary>A method's name likewise.</summary>
    public static string Name(MethodBase method)
    {
        string name = method.Name;
        return method.IsGenericMethod ? $"{name}<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : name;
    }
}
