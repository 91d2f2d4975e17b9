using System.Reflection;

namespace GanFromScratch.Kernels.Compiler;

/// <summary>
/// From a kernel's IL to a <see cref="Function"/>, by walking the IL as a machine would, with values that are mostly not known yet. Every call is
/// walked into, so nothing of methods, generics and structs is left. A loop whose every way out is decided by constants is walked around as often as it
/// runs: it is unrolled, and what it indexes in local memory are registers. Any other loop is walked once.
/// </summary>
/// <remarks>
/// Which loops can't be unrolled, what they change through references, and which local memory can't be registers, is found out on the way: then
/// <see cref="Again"/> is thrown, and the walk begins anew, knowing it.
/// </remarks>
internal sealed partial class Translator
{
    private const int MostRounds = 128;
    private const int MostInstructions = 10_000;

    private readonly HashSet<string> _kept; // loops that stay loops, what they change, and local memory that stays memory
    private readonly Dictionary<Block, string> _loops = []; // the names of those that are walked, by their headers
    private readonly MethodBase _kernel;
    private readonly Function _function;
    private readonly Ssa _ssa;
    private (Frame? Frame, int Offset) _at; // the instruction that is being walked

    private Translator(MethodInfo kernel, int groupSize, string name, string title, HashSet<string> kept)
    {
        _kernel = kernel;
        _kept = kept;
        _function = new Function(name, title, groupSize);
        _ssa = new Ssa(_function, Meet) { Surprise = (header, slot) => throw new Again(Change(_loops[header], slot)) };
    }

    /// <summary>Compiles a kernel to basic blocks.</summary>
    /// <exception cref="KernelRefusedException">It uses what a kernel can't.</exception>
    public static Function Translate(MethodInfo kernel, int groupSize)
    {
        string title = Types.Name(kernel);
        string name = string.Concat(title.Where(c => c != ' ').Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')).TrimEnd('_');
        var kept = new HashSet<string>();
        while (true)
        {
            var translator = new Translator(kernel, groupSize, name, title, kept);
            try
            {
                translator.Kernel(kernel);
                return Finishing.Finish(translator._function);
            }
            catch (Again again)
            {
                if (!kept.Add(again.What))
                    throw new InvalidOperationException($"{title}: {again.What} is kept already, and the walk would begin anew for ever");
            }
        }
    }

    private void Kernel(MethodInfo kernel)
    {
        _ssa.Current = _ssa.NewBlock();
        if (!kernel.IsStatic || kernel.ReturnType != typeof(void))
            throw Refused(kernel, 0, "a kernel is a static method that returns nothing, no lambda and no instance's; its results go into views");
        if (kernel.ContainsGenericParameters)
            throw Refused(kernel, 0, "a generic kernel without its types; name them: Kernel<Identity>");
        var il = IlMethod.Read(kernel, (what, offset) => Refused(kernel, offset, what));
        var arguments = new List<Operand>();
        int at = 0;
        foreach (var parameter in kernel.GetParameters())
        {
            if (parameter.ParameterType == typeof(Index1D) && arguments.Count == 0)
            {
                arguments.Add(new StructOperand(typeof(Index1D), [new ScalarOperand(GlobalIndex())]));
                continue;
            }
            try
            {
                foreach (var leaf in ArgumentLayout.Leaves(parameter.Name!, parameter.ParameterType, at))
                    _function.Parameters.Add(leaf with { Name = Unique(leaf.Name) });
                int next = _function.Parameters.Count(leaf => leaf.Offset < at);
                arguments.Add(OfParameters(parameter.ParameterType, ref next));
                at += (ArgumentLayout.SizeOf(parameter.ParameterType) + 7) / 8 * 8;
            }
            catch (KernelRefusedException fault)
            {
                throw Refused(kernel, 0, $"the parameter {parameter.Name}: {fault.Message}");
            }
        }
        Walk(new Frame(il, null, 0, [.. arguments], [.. kernel.GetParameters().Select(p => p.ParameterType)]));
    }

    /// <summary>A parameter's name in the text, in ASCII: no other parameter's, and none that looks like a label's or a block of memory's.</summary>
    private string Unique(string name)
    {
        name = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        if (char.IsAsciiDigit(name[^1]) && name.TrimEnd("0123456789".ToCharArray()) is ("b" or "shared" or "local"))
            name += "_";
        while (_function.Parameters.Any(other => other.Name == name))
            name += "_";
        return name;
    }

    private Operand OfParameters(Type type, ref int next)
    {
        if (Types.Scalar(type) is not null)
            return new ScalarOperand(ParameterValue(next++));
        if (Types.IsView(type))
            return new StructOperand(type, [new ScalarOperand(ParameterValue(next++)), new ScalarOperand(ParameterValue(next++))]);
        var fields = new List<Operand>();
        foreach (var field in Types.FieldsOf(type))
            fields.Add(OfParameters(field.FieldType, ref next));
        return new StructOperand(type, [.. fields]);
    }

    private Value ParameterValue(int number) => _ssa.Emit(Op.Parameter, _function.Parameters[number].Type, number, []);

    private Value GlobalIndex() => Emit(
        Op.Add, IrType.Int, Emit(Op.Multiply, IrType.Int, Emit(Op.GridIndexX, IrType.Int), Int(_function.GroupSize)), Emit(Op.GroupIndex, IrType.Int));

    /// <summary>Walks a method from the current block to the block that all its returns lead to, which is current then. Gives what it returns.</summary>
    private Operand? Walk(Frame frame)
    {
        for (int i = 0; i < frame.Arguments.Length; i++)
            Assign(frame.Arguments[i], frame.Given[i], frame, 0);
        var walk = new WalkState(frame);
        Arrive(walk, new Place([]), 0, new Way(_ssa.Current, 0, []));
        while (walk.Next() is { } arrival)
        {
            foreach (var header in walk.LoopsLeft(arrival.Place))
                _ssa.Close(header);
            Begin(walk, arrival);
            WalkBlock(walk, arrival);
        }
        foreach (var header in walk.LoopsLeft(null))
            _ssa.Close(header);
        if (frame.Returns.Count == 0)
            throw Refused(frame, 0, "it never returns; a kernel's loops have to end");
        if (frame.Returns.Count == 1)
        {
            _ssa.Current = frame.Returns[0].From;
            return frame.Returns[0].Result;
        }
        var after = _ssa.NewBlock();
        foreach (var (from, _) in frame.Returns)
            Link(new Way(from, 0, []), after);
        _ssa.Current = after;
        return frame.Returns[0].Result is null ? null : JoinOperands(frame, after, [.. frame.Returns.Select(way => way.Result!)], 0);
    }

    /// <summary>Makes the block of a place current: a new one where several ways meet, or a branch leads here; else what led here just goes on.</summary>
    private void Begin(WalkState walk, Arrival arrival)
    {
        var (frame, il, ways) = (walk.Frame, arrival.Block, arrival.Ways);
        bool isLoop = il.IsHeader && _kept.Contains(LoopName(frame, il.Loops[^1]));
        if (ways.Count == 1 && ways[0].From.Condition is null && !isLoop)
        {
            _ssa.Current = ways[0].From;
            arrival.Stack = ways[0].Stack;
            return;
        }
        var block = _ssa.NewBlock();
        foreach (var way in ways)
            Link(way, block);
        arrival.Stack = [.. ways[0].Stack.Select((_, i) => JoinOperands(frame, block, [.. ways.Select(way => way.Stack[i])], il.Instructions[0].Offset))];
        if (isLoop)
        {
            if (ways.Count > 1) // one way in, however many lead to it
            {
                var header = _ssa.NewBlock();
                Link(new Way(block, 0, []), header);
                block = header;
            }
            if (arrival.Stack.Length > 0)
                throw Refused(frame, il.Instructions[0].Offset, "an expression is unfinished where a loop begins; put its parts into locals first");
            var loop = il.Loops[^1];
            string name = _loops[block] = LoopName(frame, loop);
            _ssa.Open(block, slot => slot.Anywhere || frame.Assigns(loop, slot) || _kept.Contains(Change(name, slot)));
            walk.OpenLoop(arrival.Place, block);
        }
        _ssa.Current = block;
    }

    /// <summary>Notes that a way leads from a place to a block of IL, and works out at which place that is: in which round of which loops.</summary>
    private void Arrive(WalkState walk, Place from, int to, Way way)
    {
        var il = walk.Frame.Il.Blocks[to];
        var rounds = new List<(int Header, int Round)>();
        foreach (var loop in il.Loops)
        {
            int round = from.RoundOf(loop.Header);
            bool again = loop.Header == to && round >= 0;
            if (again && walk.HeaderAt(new Place([.. rounds, (loop.Header, 0), (to, 0)])) is { } header)
            {
                Link(way, header); // a loop that stays one
                return;
            }
            round = again ? round + 1 : Math.Max(round, 0);
            if (round > MostRounds || (round > 0 && _ssa.Size > MostInstructions))
                throw new Again(LoopName(walk.Frame, loop));
            rounds.Add((loop.Header, round));
        }
        walk.Add(new Place([.. rounds, (to, 0)]), il, way);
    }

    /// <summary>Ends the current block with a branch, and notes where both ways lead. A condition that is known leaves one way.</summary>
    private void Branch(WalkState walk, Arrival at, Value condition, int ifTrue, int ifFalse, Operand[] stack)
    {
        if (ifTrue == ifFalse || condition.IsConstant)
        {
            Arrive(walk, at.Place, condition.IsConstant && condition.Bits == 0 ? ifFalse : ifTrue, new Way(_ssa.Current, 0, stack));
            return;
        }
        if (condition.Op == Op.Not)
            (condition, ifTrue, ifFalse) = (condition.Operands[0], ifFalse, ifTrue);
        foreach (var loop in at.Block.Loops) // the outermost first
        {
            if (loop.Blocks.Contains(ifTrue) && loop.Blocks.Contains(ifFalse))
                continue;
            if (!_kept.Contains(LoopName(walk.Frame, loop)))
                throw new Again(LoopName(walk.Frame, loop));
        }
        var block = _ssa.Current;
        block.Condition = condition;
        block.To.AddRange([null!, null!]); // linked when the places are begun
        Arrive(walk, at.Place, ifTrue, new Way(block, 0, stack));
        Arrive(walk, at.Place, ifFalse, new Way(block, 1, stack));
    }

    private static string LoopName(Frame frame, IlLoop loop) => $"loop {frame.Path}@{frame.Il.Blocks[loop.Header].Instructions[0].Offset}";

    private static string Change(string loop, Slot slot) => $"{loop} changes {slot.Name}";

    private void Link(Way way, Block to) => _ssa.Link(way.From, way.Number, to);

    /// <summary>What several ways bring to one block, as one operand.</summary>
    private Operand JoinOperands(Frame frame, Block block, Operand[] operands, int offset)
    {
        if (operands.All(operand => operand == operands[0]))
            return operands[0];
        switch (operands[0])
        {
            case ScalarOperand when operands.All(o => o is ScalarOperand):
                return new ScalarOperand(JoinValues([.. operands.Select(o => ((ScalarOperand)o).Value)]));
            case ElementAddress when operands.All(o => o is ElementAddress):
                return new ElementAddress(JoinValues([.. operands.Select(o => ((ElementAddress)o).Pointer)]));
            case StructOperand first when operands.All(o => o is StructOperand s && s.Type == first.Type):
                return new StructOperand(first.Type, [.. first.Fields.Select((_, i) =>
                    JoinOperands(frame, block, [.. operands.Select(o => ((StructOperand)o).Fields[i])], offset))]);
            default:
                throw Refused(frame, offset, "which variable is referred to depends on a condition; assign values, not references");
        }

        Value JoinValues(Value[] values) => _ssa.Join(block, values);
    }

    /// <summary>Pointers that meet point to the same kind of memory, and to memory that is no registers: a register can't be picked while a kernel runs.</summary>
    private void Meet(Value phi)
    {
        var values = phi.Operands.Select(value => value.Resolved()).Where(value => value != phi && !value.IsConstant).Distinct().ToArray();
        var types = values.Select(value => value.Type).Distinct().ToArray();
        if (types.Length > 1)
            throw Refused($"a view may be {types[0]} or {types[1]} here; use one variable for each memory");
        if (values.FirstOrDefault(value => IsLocal(value) && !_kept.Contains(LocalName(value))) is { } local)
            throw new Again(LocalName(local));
    }

    private KernelRefusedException Refused(Frame frame, int offset, string why) => Refused(frame.Method, offset, why, frame.Caller, frame.CallOffset);

    /// <summary>Refuses the instruction that is being walked.</summary>
    private KernelRefusedException Refused(string why) => Refused(_at.Frame!, _at.Offset, why);

    private KernelRefusedException Refused(MethodBase method, int offset, string why, Frame? caller = null, int callOffset = 0)
    {
        string inside = method == _kernel ? "" : $", in {Types.Name(method)}";
        string? place = SourceLines.Of(method, offset);
        while (place is null && caller is not null) // a library's method: the line that calls it
        {
            place = SourceLines.Of(caller.Method, callOffset);
            callOffset = caller.CallOffset;
            caller = caller.Caller;
        }
        string line = place is null ? "" : $" ({place})";
        return new KernelRefusedException($"{Types.Name(_kernel)}{inside}{line}: {why}") { HasPlace = true };
    }

    /// <summary>The walk has to begin anew, knowing this.</summary>
    private sealed class Again(string what) : Exception(what)
    {
        public string What { get; } = what;
    }

    /// <summary>A way from a block to a place, the first or the second of a branch, with what lies on the stack.</summary>
    private sealed record Way(Block From, int Number, Operand[] Stack);

    /// <summary>A block of IL in certain rounds of the loops around it: the loops' headers with their rounds, outermost first, and the block itself.</summary>
    private sealed record Place((int Block, int Round)[] Path) : IComparable<Place>
    {
        public int RoundOf(int header)
        {
            int at = Array.FindIndex(Path, 0, Math.Max(0, Path.Length - 1), step => step.Block == header);
            return at < 0 ? -1 : Path[at].Round;
        }

        /// <summary>Whether this is a place in the loop whose header is at that place.</summary>
        public bool IsInLoopAt(Place header) =>
            Path.Length >= header.Path.Length && Path.AsSpan(0, header.Path.Length - 1).SequenceEqual(header.Path.AsSpan()[..^1]);

        /// <summary>The order of walking: all rounds of a loop come before what follows it.</summary>
        public int CompareTo(Place? other)
        {
            for (int i = 0; i < Math.Min(Path.Length, other!.Path.Length); i++)
            {
                int order = Path[i].CompareTo(other.Path[i]);
                if (order != 0)
                    return order;
            }
            return Path.Length.CompareTo(other.Path.Length);
        }
    }

    /// <summary>A place, with all ways to it that are known.</summary>
    private sealed record Arrival(Place Place, IlBlock Block)
    {
        public List<Way> Ways { get; } = [];

        public Operand[] Stack { get; set; } = [];
    }

    /// <summary>Where the walk through one frame stands: the places that are still to be walked, and the loops that are open.</summary>
    private sealed class WalkState(Frame frame)
    {
        private readonly SortedDictionary<Place, Arrival> _ahead = [];
        private readonly List<(Place Place, Block Header)> _open = [];

        public Frame Frame { get; } = frame;

        public void Add(Place place, IlBlock block, Way way)
        {
            if (!_ahead.TryGetValue(place, out var arrival))
                _ahead[place] = arrival = new Arrival(place, block);
            arrival.Ways.Add(way);
        }

        public Arrival? Next()
        {
            if (_ahead.Count == 0)
                return null;
            var first = _ahead.First();
            _ahead.Remove(first.Key);
            return first.Value;
        }

        public void OpenLoop(Place place, Block header) => _open.Add((place, header));

        public Block? HeaderAt(Place place) => _open.Find(loop => loop.Place.CompareTo(place) == 0).Header;

        /// <summary>The headers of the loops that are over when a place is walked, innermost first; all of them at the end.</summary>
        public IEnumerable<Block> LoopsLeft(Place? place)
        {
            while (_open.Count > 0 && (place is null || !place.IsInLoopAt(_open[^1].Place)))
            {
                var header = _open[^1].Header;
                _open.RemoveAt(_open.Count - 1);
                yield return header;
            }
        }
    }
}
