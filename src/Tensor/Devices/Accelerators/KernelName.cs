using System.Reflection;

namespace GanFromScratch.Tensors;

/// <summary>Names kernels in tables.</summary>
internal static class KernelName
{
    /// <summary>Returns a method's name with its type arguments: `MapKernel&lt;LeakyRelu&gt;`.</summary>
    public static string Of(MethodInfo kernel) => kernel.Name + TypesOf(kernel.GetGenericArguments());

    private static string TypesOf(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(NameOf))}>";

    private static string NameOf(Type type) => type.Name.Split('`')[0] + TypesOf(type.GetGenericArguments());
}
