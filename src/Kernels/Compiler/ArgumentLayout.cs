using System.Reflection;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>
/// Where the scalars of a kernel's argument lie in memory: structs are laid out in the order of their fields, each aligned to its size, as the
/// runtime lays out structs without references.
/// </summary>
internal static class ArgumentLayout
{
    /// <summary>The scalars of an argument, each with its place, its type and its size.</summary>
    /// <param name="name">The argument's name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="at">Where it begins.</param>
    public static IEnumerable<Parameter> Leaves(string name, Type type, int at)
    {
        if (Types.Scalar(type) is { } kind)
            return [new Parameter(name, kind, at, SizeOf(type))];
        if (Types.IsView(type))
        {
            return
            [
                new Parameter(name, new(IrType.Pointer, Space.Global, Types.ElementOf(type.GetGenericArguments()[0])), at, sizeof(long)),
                new Parameter($"{name}_length", IrType.Long, at + sizeof(long), sizeof(long)),
            ];
        }
        return Places(type).SelectMany(place => Leaves($"{name}_{Types.NameOf(place.Field)}", place.Field.FieldType, at + place.Offset));
    }

    /// <summary>A type's size in memory.</summary>
    public static int SizeOf(Type type)
    {
        if (type.IsEnum)
            type = Enum.GetUnderlyingType(type);
        if (Types.Scalar(type) is not null)
        {
            return type == typeof(bool) || type == typeof(byte) || type == typeof(sbyte) ? 1
                : type == typeof(short) || type == typeof(ushort) || type == typeof(char) ? 2
                : type == typeof(int) || type == typeof(uint) || type == typeof(float) ? 4 : 8;
        }
        if (Types.IsView(type))
            return 2 * sizeof(long);
        int end = Places(type).Select(place => place.Offset + SizeOf(place.Field.FieldType)).DefaultIfEmpty(1).Max(); // a struct has at least a byte
        return Aligned(end, AlignmentOf(type));
    }

    private static int AlignmentOf(Type type)
    {
        if (Types.Scalar(type) is not null)
            return SizeOf(type);
        return Types.IsView(type) ? sizeof(long) : Types.FieldsOf(type).Select(field => AlignmentOf(field.FieldType)).DefaultIfEmpty(1).Max();
    }

    private static IEnumerable<(FieldInfo Field, int Offset)> Places(Type type)
    {
        if (type.IsAutoLayout)
            throw new KernelRefusedException($"the runtime may reorder the fields of '{Types.Name(type)}'; use a struct of your own as an argument");
        int at = 0;
        foreach (var field in Types.FieldsOf(type))
        {
            at = Aligned(at, AlignmentOf(field.FieldType));
            yield return (field, at);
            at += SizeOf(field.FieldType);
        }
    }

    private static int Aligned(int at, int alignment) => (at + alignment - 1) / alignment * alignment;
}
