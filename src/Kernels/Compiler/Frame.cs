using System.Reflection;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>One call of a method while it is written into its caller: its variables, and where its IL stands.</summary>
internal sealed class Frame
{
    private readonly Dictionary<Slot, (bool Argument, int Number)> _owned = [];

    public Frame(IlMethod il, Frame? caller, int callOffset, Operand[] arguments, Type[] argumentTypes, Func<string, KernelRefusedException> refuse)
    {
        Il = il;
        Caller = caller;
        Path = caller is null ? "" : $"{caller.Path}/{callOffset}";
        try
        {
            var parameters = il.Method.GetParameters();
            int first = il.Method.IsStatic ? 0 : 1;
            Arguments = [.. argumentTypes.Select((type, i) => Variable.Of(i < first ? "this" : parameters[i - first].Name ?? $"argument{i}", type, Path))];
            Locals = [.. il.Locals.Select((type, i) => Variable.Of($"local{i}", type, Path))];
        }
        catch (KernelRefusedException fault)
        {
            throw refuse(fault.Message);
        }
        Given = arguments;
        Own(Arguments, argument: true);
        Own(Locals, argument: false);
    }

    public IlMethod Il { get; }

    public MethodBase Method => Il.Method;

    public Frame? Caller { get; }

    /// <summary>Tells this call from all others of the kernel, in the same way each time it is compiled.</summary>
    public string Path { get; }

    public Variable[] Arguments { get; }

    public Variable[] Locals { get; }

    /// <summary>What the arguments begin with.</summary>
    public Operand[] Given { get; }

    /// <summary>The blocks that return, each with what it returns.</summary>
    public List<(Block From, Operand? Result)> Returns { get; } = [];

    public bool IsWithin(MethodBase method) => Method == method || (Caller?.IsWithin(method) ?? false);

    /// <summary>Whether a loop of this frame assigns a slot of it by name.</summary>
    public bool Assigns(IlLoop loop, Slot slot) =>
        _owned.TryGetValue(slot, out var own) && (own.Argument ? loop.ChangedArguments : loop.ChangedLocals).Contains(own.Number);

    private void Own(Variable[] variables, bool argument)
    {
        for (int i = 0; i < variables.Length; i++)
        {
            foreach (var slot in variables[i].Slots())
                _owned[slot] = (argument, i);
        }
    }
}
