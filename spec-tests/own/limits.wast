;; At the limits, and one beyond: of declarations (which cost nothing), of the forms of functions and types, of the stack.

;; A maximum, and even a minimum, is only a number until there is an instance.
(module definition (memory 0 65536))
(module definition (memory 65536))
(module definition (memory i64 0 0x1_0000_0000_0000))
(module definition (table 0xffff_ffff funcref))
(module definition (table i64 0 0xffff_ffff_ffff_ffff externref))
(module definition (memory 0 0xffff_ffff (pagesize 1)))
(assert_invalid (module (memory 65537)) "memory size")
(assert_invalid (module (memory 0 65537)) "memory size")
(assert_invalid (module (memory i64 0x1_0000_0000_0001)) "memory size")
(assert_invalid (module (table 0x1_0000_0000 funcref)) "table size")
(assert_invalid (module (memory 2 1)) "size minimum must not be greater than maximum")
(assert_invalid (module (memory 1 (pagesize 2))) "invalid custom page size")

;; 1000 parameters and results, each at its place.
(module
  (func $many (param
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
  ) (result
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
  )
    (local.get 999) (local.get 998) (local.get 997) (local.get 996) (local.get 995) (local.get 994) (local.get 993)
    (local.get 992) (local.get 991) (local.get 990) (local.get 989) (local.get 988) (local.get 987) (local.get 986)
    (local.get 985) (local.get 984) (local.get 983) (local.get 982) (local.get 981) (local.get 980) (local.get 979)
    (local.get 978) (local.get 977) (local.get 976) (local.get 975) (local.get 974) (local.get 973) (local.get 972)
    (local.get 971) (local.get 970) (local.get 969) (local.get 968) (local.get 967) (local.get 966) (local.get 965)
    (local.get 964) (local.get 963) (local.get 962) (local.get 961) (local.get 960) (local.get 959) (local.get 958)
    (local.get 957) (local.get 956) (local.get 955) (local.get 954) (local.get 953) (local.get 952) (local.get 951)
    (local.get 950) (local.get 949) (local.get 948) (local.get 947) (local.get 946) (local.get 945) (local.get 944)
    (local.get 943) (local.get 942) (local.get 941) (local.get 940) (local.get 939) (local.get 938) (local.get 937)
    (local.get 936) (local.get 935) (local.get 934) (local.get 933) (local.get 932) (local.get 931) (local.get 930)
    (local.get 929) (local.get 928) (local.get 927) (local.get 926) (local.get 925) (local.get 924) (local.get 923)
    (local.get 922) (local.get 921) (local.get 920) (local.get 919) (local.get 918) (local.get 917) (local.get 916)
    (local.get 915) (local.get 914) (local.get 913) (local.get 912) (local.get 911) (local.get 910) (local.get 909)
    (local.get 908) (local.get 907) (local.get 906) (local.get 905) (local.get 904) (local.get 903) (local.get 902)
    (local.get 901) (local.get 900) (local.get 899) (local.get 898) (local.get 897) (local.get 896) (local.get 895)
    (local.get 894) (local.get 893) (local.get 892) (local.get 891) (local.get 890) (local.get 889) (local.get 888)
    (local.get 887) (local.get 886) (local.get 885) (local.get 884) (local.get 883) (local.get 882) (local.get 881)
    (local.get 880) (local.get 879) (local.get 878) (local.get 877) (local.get 876) (local.get 875) (local.get 874)
    (local.get 873) (local.get 872) (local.get 871) (local.get 870) (local.get 869) (local.get 868) (local.get 867)
    (local.get 866) (local.get 865) (local.get 864) (local.get 863) (local.get 862) (local.get 861) (local.get 860)
    (local.get 859) (local.get 858) (local.get 857) (local.get 856) (local.get 855) (local.get 854) (local.get 853)
    (local.get 852) (local.get 851) (local.get 850) (local.get 849) (local.get 848) (local.get 847) (local.get 846)
    (local.get 845) (local.get 844) (local.get 843) (local.get 842) (local.get 841) (local.get 840) (local.get 839)
    (local.get 838) (local.get 837) (local.get 836) (local.get 835) (local.get 834) (local.get 833) (local.get 832)
    (local.get 831) (local.get 830) (local.get 829) (local.get 828) (local.get 827) (local.get 826) (local.get 825)
    (local.get 824) (local.get 823) (local.get 822) (local.get 821) (local.get 820) (local.get 819) (local.get 818)
    (local.get 817) (local.get 816) (local.get 815) (local.get 814) (local.get 813) (local.get 812) (local.get 811)
    (local.get 810) (local.get 809) (local.get 808) (local.get 807) (local.get 806) (local.get 805) (local.get 804)
    (local.get 803) (local.get 802) (local.get 801) (local.get 800) (local.get 799) (local.get 798) (local.get 797)
    (local.get 796) (local.get 795) (local.get 794) (local.get 793) (local.get 792) (local.get 791) (local.get 790)
    (local.get 789) (local.get 788) (local.get 787) (local.get 786) (local.get 785) (local.get 784) (local.get 783)
    (local.get 782) (local.get 781) (local.get 780) (local.get 779) (local.get 778) (local.get 777) (local.get 776)
    (local.get 775) (local.get 774) (local.get 773) (local.get 772) (local.get 771) (local.get 770) (local.get 769)
    (local.get 768) (local.get 767) (local.get 766) (local.get 765) (local.get 764) (local.get 763) (local.get 762)
    (local.get 761) (local.get 760) (local.get 759) (local.get 758) (local.get 757) (local.get 756) (local.get 755)
    (local.get 754) (local.get 753) (local.get 752) (local.get 751) (local.get 750) (local.get 749) (local.get 748)
    (local.get 747) (local.get 746) (local.get 745) (local.get 744) (local.get 743) (local.get 742) (local.get 741)
    (local.get 740) (local.get 739) (local.get 738) (local.get 737) (local.get 736) (local.get 735) (local.get 734)
    (local.get 733) (local.get 732) (local.get 731) (local.get 730) (local.get 729) (local.get 728) (local.get 727)
    (local.get 726) (local.get 725) (local.get 724) (local.get 723) (local.get 722) (local.get 721) (local.get 720)
    (local.get 719) (local.get 718) (local.get 717) (local.get 716) (local.get 715) (local.get 714) (local.get 713)
    (local.get 712) (local.get 711) (local.get 710) (local.get 709) (local.get 708) (local.get 707) (local.get 706)
    (local.get 705) (local.get 704) (local.get 703) (local.get 702) (local.get 701) (local.get 700) (local.get 699)
    (local.get 698) (local.get 697) (local.get 696) (local.get 695) (local.get 694) (local.get 693) (local.get 692)
    (local.get 691) (local.get 690) (local.get 689) (local.get 688) (local.get 687) (local.get 686) (local.get 685)
    (local.get 684) (local.get 683) (local.get 682) (local.get 681) (local.get 680) (local.get 679) (local.get 678)
    (local.get 677) (local.get 676) (local.get 675) (local.get 674) (local.get 673) (local.get 672) (local.get 671)
    (local.get 670) (local.get 669) (local.get 668) (local.get 667) (local.get 666) (local.get 665) (local.get 664)
    (local.get 663) (local.get 662) (local.get 661) (local.get 660) (local.get 659) (local.get 658) (local.get 657)
    (local.get 656) (local.get 655) (local.get 654) (local.get 653) (local.get 652) (local.get 651) (local.get 650)
    (local.get 649) (local.get 648) (local.get 647) (local.get 646) (local.get 645) (local.get 644) (local.get 643)
    (local.get 642) (local.get 641) (local.get 640) (local.get 639) (local.get 638) (local.get 637) (local.get 636)
    (local.get 635) (local.get 634) (local.get 633) (local.get 632) (local.get 631) (local.get 630) (local.get 629)
    (local.get 628) (local.get 627) (local.get 626) (local.get 625) (local.get 624) (local.get 623) (local.get 622)
    (local.get 621) (local.get 620) (local.get 619) (local.get 618) (local.get 617) (local.get 616) (local.get 615)
    (local.get 614) (local.get 613) (local.get 612) (local.get 611) (local.get 610) (local.get 609) (local.get 608)
    (local.get 607) (local.get 606) (local.get 605) (local.get 604) (local.get 603) (local.get 602) (local.get 601)
    (local.get 600) (local.get 599) (local.get 598) (local.get 597) (local.get 596) (local.get 595) (local.get 594)
    (local.get 593) (local.get 592) (local.get 591) (local.get 590) (local.get 589) (local.get 588) (local.get 587)
    (local.get 586) (local.get 585) (local.get 584) (local.get 583) (local.get 582) (local.get 581) (local.get 580)
    (local.get 579) (local.get 578) (local.get 577) (local.get 576) (local.get 575) (local.get 574) (local.get 573)
    (local.get 572) (local.get 571) (local.get 570) (local.get 569) (local.get 568) (local.get 567) (local.get 566)
    (local.get 565) (local.get 564) (local.get 563) (local.get 562) (local.get 561) (local.get 560) (local.get 559)
    (local.get 558) (local.get 557) (local.get 556) (local.get 555) (local.get 554) (local.get 553) (local.get 552)
    (local.get 551) (local.get 550) (local.get 549) (local.get 548) (local.get 547) (local.get 546) (local.get 545)
    (local.get 544) (local.get 543) (local.get 542) (local.get 541) (local.get 540) (local.get 539) (local.get 538)
    (local.get 537) (local.get 536) (local.get 535) (local.get 534) (local.get 533) (local.get 532) (local.get 531)
    (local.get 530) (local.get 529) (local.get 528) (local.get 527) (local.get 526) (local.get 525) (local.get 524)
    (local.get 523) (local.get 522) (local.get 521) (local.get 520) (local.get 519) (local.get 518) (local.get 517)
    (local.get 516) (local.get 515) (local.get 514) (local.get 513) (local.get 512) (local.get 511) (local.get 510)
    (local.get 509) (local.get 508) (local.get 507) (local.get 506) (local.get 505) (local.get 504) (local.get 503)
    (local.get 502) (local.get 501) (local.get 500) (local.get 499) (local.get 498) (local.get 497) (local.get 496)
    (local.get 495) (local.get 494) (local.get 493) (local.get 492) (local.get 491) (local.get 490) (local.get 489)
    (local.get 488) (local.get 487) (local.get 486) (local.get 485) (local.get 484) (local.get 483) (local.get 482)
    (local.get 481) (local.get 480) (local.get 479) (local.get 478) (local.get 477) (local.get 476) (local.get 475)
    (local.get 474) (local.get 473) (local.get 472) (local.get 471) (local.get 470) (local.get 469) (local.get 468)
    (local.get 467) (local.get 466) (local.get 465) (local.get 464) (local.get 463) (local.get 462) (local.get 461)
    (local.get 460) (local.get 459) (local.get 458) (local.get 457) (local.get 456) (local.get 455) (local.get 454)
    (local.get 453) (local.get 452) (local.get 451) (local.get 450) (local.get 449) (local.get 448) (local.get 447)
    (local.get 446) (local.get 445) (local.get 444) (local.get 443) (local.get 442) (local.get 441) (local.get 440)
    (local.get 439) (local.get 438) (local.get 437) (local.get 436) (local.get 435) (local.get 434) (local.get 433)
    (local.get 432) (local.get 431) (local.get 430) (local.get 429) (local.get 428) (local.get 427) (local.get 426)
    (local.get 425) (local.get 424) (local.get 423) (local.get 422) (local.get 421) (local.get 420) (local.get 419)
    (local.get 418) (local.get 417) (local.get 416) (local.get 415) (local.get 414) (local.get 413) (local.get 412)
    (local.get 411) (local.get 410) (local.get 409) (local.get 408) (local.get 407) (local.get 406) (local.get 405)
    (local.get 404) (local.get 403) (local.get 402) (local.get 401) (local.get 400) (local.get 399) (local.get 398)
    (local.get 397) (local.get 396) (local.get 395) (local.get 394) (local.get 393) (local.get 392) (local.get 391)
    (local.get 390) (local.get 389) (local.get 388) (local.get 387) (local.get 386) (local.get 385) (local.get 384)
    (local.get 383) (local.get 382) (local.get 381) (local.get 380) (local.get 379) (local.get 378) (local.get 377)
    (local.get 376) (local.get 375) (local.get 374) (local.get 373) (local.get 372) (local.get 371) (local.get 370)
    (local.get 369) (local.get 368) (local.get 367) (local.get 366) (local.get 365) (local.get 364) (local.get 363)
    (local.get 362) (local.get 361) (local.get 360) (local.get 359) (local.get 358) (local.get 357) (local.get 356)
    (local.get 355) (local.get 354) (local.get 353) (local.get 352) (local.get 351) (local.get 350) (local.get 349)
    (local.get 348) (local.get 347) (local.get 346) (local.get 345) (local.get 344) (local.get 343) (local.get 342)
    (local.get 341) (local.get 340) (local.get 339) (local.get 338) (local.get 337) (local.get 336) (local.get 335)
    (local.get 334) (local.get 333) (local.get 332) (local.get 331) (local.get 330) (local.get 329) (local.get 328)
    (local.get 327) (local.get 326) (local.get 325) (local.get 324) (local.get 323) (local.get 322) (local.get 321)
    (local.get 320) (local.get 319) (local.get 318) (local.get 317) (local.get 316) (local.get 315) (local.get 314)
    (local.get 313) (local.get 312) (local.get 311) (local.get 310) (local.get 309) (local.get 308) (local.get 307)
    (local.get 306) (local.get 305) (local.get 304) (local.get 303) (local.get 302) (local.get 301) (local.get 300)
    (local.get 299) (local.get 298) (local.get 297) (local.get 296) (local.get 295) (local.get 294) (local.get 293)
    (local.get 292) (local.get 291) (local.get 290) (local.get 289) (local.get 288) (local.get 287) (local.get 286)
    (local.get 285) (local.get 284) (local.get 283) (local.get 282) (local.get 281) (local.get 280) (local.get 279)
    (local.get 278) (local.get 277) (local.get 276) (local.get 275) (local.get 274) (local.get 273) (local.get 272)
    (local.get 271) (local.get 270) (local.get 269) (local.get 268) (local.get 267) (local.get 266) (local.get 265)
    (local.get 264) (local.get 263) (local.get 262) (local.get 261) (local.get 260) (local.get 259) (local.get 258)
    (local.get 257) (local.get 256) (local.get 255) (local.get 254) (local.get 253) (local.get 252) (local.get 251)
    (local.get 250) (local.get 249) (local.get 248) (local.get 247) (local.get 246) (local.get 245) (local.get 244)
    (local.get 243) (local.get 242) (local.get 241) (local.get 240) (local.get 239) (local.get 238) (local.get 237)
    (local.get 236) (local.get 235) (local.get 234) (local.get 233) (local.get 232) (local.get 231) (local.get 230)
    (local.get 229) (local.get 228) (local.get 227) (local.get 226) (local.get 225) (local.get 224) (local.get 223)
    (local.get 222) (local.get 221) (local.get 220) (local.get 219) (local.get 218) (local.get 217) (local.get 216)
    (local.get 215) (local.get 214) (local.get 213) (local.get 212) (local.get 211) (local.get 210) (local.get 209)
    (local.get 208) (local.get 207) (local.get 206) (local.get 205) (local.get 204) (local.get 203) (local.get 202)
    (local.get 201) (local.get 200) (local.get 199) (local.get 198) (local.get 197) (local.get 196) (local.get 195)
    (local.get 194) (local.get 193) (local.get 192) (local.get 191) (local.get 190) (local.get 189) (local.get 188)
    (local.get 187) (local.get 186) (local.get 185) (local.get 184) (local.get 183) (local.get 182) (local.get 181)
    (local.get 180) (local.get 179) (local.get 178) (local.get 177) (local.get 176) (local.get 175) (local.get 174)
    (local.get 173) (local.get 172) (local.get 171) (local.get 170) (local.get 169) (local.get 168) (local.get 167)
    (local.get 166) (local.get 165) (local.get 164) (local.get 163) (local.get 162) (local.get 161) (local.get 160)
    (local.get 159) (local.get 158) (local.get 157) (local.get 156) (local.get 155) (local.get 154) (local.get 153)
    (local.get 152) (local.get 151) (local.get 150) (local.get 149) (local.get 148) (local.get 147) (local.get 146)
    (local.get 145) (local.get 144) (local.get 143) (local.get 142) (local.get 141) (local.get 140) (local.get 139)
    (local.get 138) (local.get 137) (local.get 136) (local.get 135) (local.get 134) (local.get 133) (local.get 132)
    (local.get 131) (local.get 130) (local.get 129) (local.get 128) (local.get 127) (local.get 126) (local.get 125)
    (local.get 124) (local.get 123) (local.get 122) (local.get 121) (local.get 120) (local.get 119) (local.get 118)
    (local.get 117) (local.get 116) (local.get 115) (local.get 114) (local.get 113) (local.get 112) (local.get 111)
    (local.get 110) (local.get 109) (local.get 108) (local.get 107) (local.get 106) (local.get 105) (local.get 104)
    (local.get 103) (local.get 102) (local.get 101) (local.get 100) (local.get 99) (local.get 98) (local.get 97)
    (local.get 96) (local.get 95) (local.get 94) (local.get 93) (local.get 92) (local.get 91) (local.get 90)
    (local.get 89) (local.get 88) (local.get 87) (local.get 86) (local.get 85) (local.get 84) (local.get 83)
    (local.get 82) (local.get 81) (local.get 80) (local.get 79) (local.get 78) (local.get 77) (local.get 76)
    (local.get 75) (local.get 74) (local.get 73) (local.get 72) (local.get 71) (local.get 70) (local.get 69)
    (local.get 68) (local.get 67) (local.get 66) (local.get 65) (local.get 64) (local.get 63) (local.get 62)
    (local.get 61) (local.get 60) (local.get 59) (local.get 58) (local.get 57) (local.get 56) (local.get 55)
    (local.get 54) (local.get 53) (local.get 52) (local.get 51) (local.get 50) (local.get 49) (local.get 48)
    (local.get 47) (local.get 46) (local.get 45) (local.get 44) (local.get 43) (local.get 42) (local.get 41)
    (local.get 40) (local.get 39) (local.get 38) (local.get 37) (local.get 36) (local.get 35) (local.get 34)
    (local.get 33) (local.get 32) (local.get 31) (local.get 30) (local.get 29) (local.get 28) (local.get 27)
    (local.get 26) (local.get 25) (local.get 24) (local.get 23) (local.get 22) (local.get 21) (local.get 20)
    (local.get 19) (local.get 18) (local.get 17) (local.get 16) (local.get 15) (local.get 14) (local.get 13)
    (local.get 12) (local.get 11) (local.get 10) (local.get 9) (local.get 8) (local.get 7) (local.get 6) (local.get 5)
    (local.get 4) (local.get 3) (local.get 2) (local.get 1) (local.get 0)
  )
  (func (export "many") (result i64)
    (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6) (i32.const 7)
    (i32.const 8) (i32.const 9) (i32.const 10) (i32.const 11) (i32.const 12) (i32.const 13) (i32.const 14) (i32.const
    15) (i32.const 16) (i32.const 17) (i32.const 18) (i32.const 19) (i32.const 20) (i32.const 21) (i32.const 22)
    (i32.const 23) (i32.const 24) (i32.const 25) (i32.const 26) (i32.const 27) (i32.const 28) (i32.const 29)
    (i32.const 30) (i32.const 31) (i32.const 32) (i32.const 33) (i32.const 34) (i32.const 35) (i32.const 36)
    (i32.const 37) (i32.const 38) (i32.const 39) (i32.const 40) (i32.const 41) (i32.const 42) (i32.const 43)
    (i32.const 44) (i32.const 45) (i32.const 46) (i32.const 47) (i32.const 48) (i32.const 49) (i32.const 50)
    (i32.const 51) (i32.const 52) (i32.const 53) (i32.const 54) (i32.const 55) (i32.const 56) (i32.const 57)
    (i32.const 58) (i32.const 59) (i32.const 60) (i32.const 61) (i32.const 62) (i32.const 63) (i32.const 64)
    (i32.const 65) (i32.const 66) (i32.const 67) (i32.const 68) (i32.const 69) (i32.const 70) (i32.const 71)
    (i32.const 72) (i32.const 73) (i32.const 74) (i32.const 75) (i32.const 76) (i32.const 77) (i32.const 78)
    (i32.const 79) (i32.const 80) (i32.const 81) (i32.const 82) (i32.const 83) (i32.const 84) (i32.const 85)
    (i32.const 86) (i32.const 87) (i32.const 88) (i32.const 89) (i32.const 90) (i32.const 91) (i32.const 92)
    (i32.const 93) (i32.const 94) (i32.const 95) (i32.const 96) (i32.const 97) (i32.const 98) (i32.const 99)
    (i32.const 100) (i32.const 101) (i32.const 102) (i32.const 103) (i32.const 104) (i32.const 105) (i32.const 106)
    (i32.const 107) (i32.const 108) (i32.const 109) (i32.const 110) (i32.const 111) (i32.const 112) (i32.const 113)
    (i32.const 114) (i32.const 115) (i32.const 116) (i32.const 117) (i32.const 118) (i32.const 119) (i32.const 120)
    (i32.const 121) (i32.const 122) (i32.const 123) (i32.const 124) (i32.const 125) (i32.const 126) (i32.const 127)
    (i32.const 128) (i32.const 129) (i32.const 130) (i32.const 131) (i32.const 132) (i32.const 133) (i32.const 134)
    (i32.const 135) (i32.const 136) (i32.const 137) (i32.const 138) (i32.const 139) (i32.const 140) (i32.const 141)
    (i32.const 142) (i32.const 143) (i32.const 144) (i32.const 145) (i32.const 146) (i32.const 147) (i32.const 148)
    (i32.const 149) (i32.const 150) (i32.const 151) (i32.const 152) (i32.const 153) (i32.const 154) (i32.const 155)
    (i32.const 156) (i32.const 157) (i32.const 158) (i32.const 159) (i32.const 160) (i32.const 161) (i32.const 162)
    (i32.const 163) (i32.const 164) (i32.const 165) (i32.const 166) (i32.const 167) (i32.const 168) (i32.const 169)
    (i32.const 170) (i32.const 171) (i32.const 172) (i32.const 173) (i32.const 174) (i32.const 175) (i32.const 176)
    (i32.const 177) (i32.const 178) (i32.const 179) (i32.const 180) (i32.const 181) (i32.const 182) (i32.const 183)
    (i32.const 184) (i32.const 185) (i32.const 186) (i32.const 187) (i32.const 188) (i32.const 189) (i32.const 190)
    (i32.const 191) (i32.const 192) (i32.const 193) (i32.const 194) (i32.const 195) (i32.const 196) (i32.const 197)
    (i32.const 198) (i32.const 199) (i32.const 200) (i32.const 201) (i32.const 202) (i32.const 203) (i32.const 204)
    (i32.const 205) (i32.const 206) (i32.const 207) (i32.const 208) (i32.const 209) (i32.const 210) (i32.const 211)
    (i32.const 212) (i32.const 213) (i32.const 214) (i32.const 215) (i32.const 216) (i32.const 217) (i32.const 218)
    (i32.const 219) (i32.const 220) (i32.const 221) (i32.const 222) (i32.const 223) (i32.const 224) (i32.const 225)
    (i32.const 226) (i32.const 227) (i32.const 228) (i32.const 229) (i32.const 230) (i32.const 231) (i32.const 232)
    (i32.const 233) (i32.const 234) (i32.const 235) (i32.const 236) (i32.const 237) (i32.const 238) (i32.const 239)
    (i32.const 240) (i32.const 241) (i32.const 242) (i32.const 243) (i32.const 244) (i32.const 245) (i32.const 246)
    (i32.const 247) (i32.const 248) (i32.const 249) (i32.const 250) (i32.const 251) (i32.const 252) (i32.const 253)
    (i32.const 254) (i32.const 255) (i32.const 256) (i32.const 257) (i32.const 258) (i32.const 259) (i32.const 260)
    (i32.const 261) (i32.const 262) (i32.const 263) (i32.const 264) (i32.const 265) (i32.const 266) (i32.const 267)
    (i32.const 268) (i32.const 269) (i32.const 270) (i32.const 271) (i32.const 272) (i32.const 273) (i32.const 274)
    (i32.const 275) (i32.const 276) (i32.const 277) (i32.const 278) (i32.const 279) (i32.const 280) (i32.const 281)
    (i32.const 282) (i32.const 283) (i32.const 284) (i32.const 285) (i32.const 286) (i32.const 287) (i32.const 288)
    (i32.const 289) (i32.const 290) (i32.const 291) (i32.const 292) (i32.const 293) (i32.const 294) (i32.const 295)
    (i32.const 296) (i32.const 297) (i32.const 298) (i32.const 299) (i32.const 300) (i32.const 301) (i32.const 302)
    (i32.const 303) (i32.const 304) (i32.const 305) (i32.const 306) (i32.const 307) (i32.const 308) (i32.const 309)
    (i32.const 310) (i32.const 311) (i32.const 312) (i32.const 313) (i32.const 314) (i32.const 315) (i32.const 316)
    (i32.const 317) (i32.const 318) (i32.const 319) (i32.const 320) (i32.const 321) (i32.const 322) (i32.const 323)
    (i32.const 324) (i32.const 325) (i32.const 326) (i32.const 327) (i32.const 328) (i32.const 329) (i32.const 330)
    (i32.const 331) (i32.const 332) (i32.const 333) (i32.const 334) (i32.const 335) (i32.const 336) (i32.const 337)
    (i32.const 338) (i32.const 339) (i32.const 340) (i32.const 341) (i32.const 342) (i32.const 343) (i32.const 344)
    (i32.const 345) (i32.const 346) (i32.const 347) (i32.const 348) (i32.const 349) (i32.const 350) (i32.const 351)
    (i32.const 352) (i32.const 353) (i32.const 354) (i32.const 355) (i32.const 356) (i32.const 357) (i32.const 358)
    (i32.const 359) (i32.const 360) (i32.const 361) (i32.const 362) (i32.const 363) (i32.const 364) (i32.const 365)
    (i32.const 366) (i32.const 367) (i32.const 368) (i32.const 369) (i32.const 370) (i32.const 371) (i32.const 372)
    (i32.const 373) (i32.const 374) (i32.const 375) (i32.const 376) (i32.const 377) (i32.const 378) (i32.const 379)
    (i32.const 380) (i32.const 381) (i32.const 382) (i32.const 383) (i32.const 384) (i32.const 385) (i32.const 386)
    (i32.const 387) (i32.const 388) (i32.const 389) (i32.const 390) (i32.const 391) (i32.const 392) (i32.const 393)
    (i32.const 394) (i32.const 395) (i32.const 396) (i32.const 397) (i32.const 398) (i32.const 399) (i32.const 400)
    (i32.const 401) (i32.const 402) (i32.const 403) (i32.const 404) (i32.const 405) (i32.const 406) (i32.const 407)
    (i32.const 408) (i32.const 409) (i32.const 410) (i32.const 411) (i32.const 412) (i32.const 413) (i32.const 414)
    (i32.const 415) (i32.const 416) (i32.const 417) (i32.const 418) (i32.const 419) (i32.const 420) (i32.const 421)
    (i32.const 422) (i32.const 423) (i32.const 424) (i32.const 425) (i32.const 426) (i32.const 427) (i32.const 428)
    (i32.const 429) (i32.const 430) (i32.const 431) (i32.const 432) (i32.const 433) (i32.const 434) (i32.const 435)
    (i32.const 436) (i32.const 437) (i32.const 438) (i32.const 439) (i32.const 440) (i32.const 441) (i32.const 442)
    (i32.const 443) (i32.const 444) (i32.const 445) (i32.const 446) (i32.const 447) (i32.const 448) (i32.const 449)
    (i32.const 450) (i32.const 451) (i32.const 452) (i32.const 453) (i32.const 454) (i32.const 455) (i32.const 456)
    (i32.const 457) (i32.const 458) (i32.const 459) (i32.const 460) (i32.const 461) (i32.const 462) (i32.const 463)
    (i32.const 464) (i32.const 465) (i32.const 466) (i32.const 467) (i32.const 468) (i32.const 469) (i32.const 470)
    (i32.const 471) (i32.const 472) (i32.const 473) (i32.const 474) (i32.const 475) (i32.const 476) (i32.const 477)
    (i32.const 478) (i32.const 479) (i32.const 480) (i32.const 481) (i32.const 482) (i32.const 483) (i32.const 484)
    (i32.const 485) (i32.const 486) (i32.const 487) (i32.const 488) (i32.const 489) (i32.const 490) (i32.const 491)
    (i32.const 492) (i32.const 493) (i32.const 494) (i32.const 495) (i32.const 496) (i32.const 497) (i32.const 498)
    (i32.const 499) (i32.const 500) (i32.const 501) (i32.const 502) (i32.const 503) (i32.const 504) (i32.const 505)
    (i32.const 506) (i32.const 507) (i32.const 508) (i32.const 509) (i32.const 510) (i32.const 511) (i32.const 512)
    (i32.const 513) (i32.const 514) (i32.const 515) (i32.const 516) (i32.const 517) (i32.const 518) (i32.const 519)
    (i32.const 520) (i32.const 521) (i32.const 522) (i32.const 523) (i32.const 524) (i32.const 525) (i32.const 526)
    (i32.const 527) (i32.const 528) (i32.const 529) (i32.const 530) (i32.const 531) (i32.const 532) (i32.const 533)
    (i32.const 534) (i32.const 535) (i32.const 536) (i32.const 537) (i32.const 538) (i32.const 539) (i32.const 540)
    (i32.const 541) (i32.const 542) (i32.const 543) (i32.const 544) (i32.const 545) (i32.const 546) (i32.const 547)
    (i32.const 548) (i32.const 549) (i32.const 550) (i32.const 551) (i32.const 552) (i32.const 553) (i32.const 554)
    (i32.const 555) (i32.const 556) (i32.const 557) (i32.const 558) (i32.const 559) (i32.const 560) (i32.const 561)
    (i32.const 562) (i32.const 563) (i32.const 564) (i32.const 565) (i32.const 566) (i32.const 567) (i32.const 568)
    (i32.const 569) (i32.const 570) (i32.const 571) (i32.const 572) (i32.const 573) (i32.const 574) (i32.const 575)
    (i32.const 576) (i32.const 577) (i32.const 578) (i32.const 579) (i32.const 580) (i32.const 581) (i32.const 582)
    (i32.const 583) (i32.const 584) (i32.const 585) (i32.const 586) (i32.const 587) (i32.const 588) (i32.const 589)
    (i32.const 590) (i32.const 591) (i32.const 592) (i32.const 593) (i32.const 594) (i32.const 595) (i32.const 596)
    (i32.const 597) (i32.const 598) (i32.const 599) (i32.const 600) (i32.const 601) (i32.const 602) (i32.const 603)
    (i32.const 604) (i32.const 605) (i32.const 606) (i32.const 607) (i32.const 608) (i32.const 609) (i32.const 610)
    (i32.const 611) (i32.const 612) (i32.const 613) (i32.const 614) (i32.const 615) (i32.const 616) (i32.const 617)
    (i32.const 618) (i32.const 619) (i32.const 620) (i32.const 621) (i32.const 622) (i32.const 623) (i32.const 624)
    (i32.const 625) (i32.const 626) (i32.const 627) (i32.const 628) (i32.const 629) (i32.const 630) (i32.const 631)
    (i32.const 632) (i32.const 633) (i32.const 634) (i32.const 635) (i32.const 636) (i32.const 637) (i32.const 638)
    (i32.const 639) (i32.const 640) (i32.const 641) (i32.const 642) (i32.const 643) (i32.const 644) (i32.const 645)
    (i32.const 646) (i32.const 647) (i32.const 648) (i32.const 649) (i32.const 650) (i32.const 651) (i32.const 652)
    (i32.const 653) (i32.const 654) (i32.const 655) (i32.const 656) (i32.const 657) (i32.const 658) (i32.const 659)
    (i32.const 660) (i32.const 661) (i32.const 662) (i32.const 663) (i32.const 664) (i32.const 665) (i32.const 666)
    (i32.const 667) (i32.const 668) (i32.const 669) (i32.const 670) (i32.const 671) (i32.const 672) (i32.const 673)
    (i32.const 674) (i32.const 675) (i32.const 676) (i32.const 677) (i32.const 678) (i32.const 679) (i32.const 680)
    (i32.const 681) (i32.const 682) (i32.const 683) (i32.const 684) (i32.const 685) (i32.const 686) (i32.const 687)
    (i32.const 688) (i32.const 689) (i32.const 690) (i32.const 691) (i32.const 692) (i32.const 693) (i32.const 694)
    (i32.const 695) (i32.const 696) (i32.const 697) (i32.const 698) (i32.const 699) (i32.const 700) (i32.const 701)
    (i32.const 702) (i32.const 703) (i32.const 704) (i32.const 705) (i32.const 706) (i32.const 707) (i32.const 708)
    (i32.const 709) (i32.const 710) (i32.const 711) (i32.const 712) (i32.const 713) (i32.const 714) (i32.const 715)
    (i32.const 716) (i32.const 717) (i32.const 718) (i32.const 719) (i32.const 720) (i32.const 721) (i32.const 722)
    (i32.const 723) (i32.const 724) (i32.const 725) (i32.const 726) (i32.const 727) (i32.const 728) (i32.const 729)
    (i32.const 730) (i32.const 731) (i32.const 732) (i32.const 733) (i32.const 734) (i32.const 735) (i32.const 736)
    (i32.const 737) (i32.const 738) (i32.const 739) (i32.const 740) (i32.const 741) (i32.const 742) (i32.const 743)
    (i32.const 744) (i32.const 745) (i32.const 746) (i32.const 747) (i32.const 748) (i32.const 749) (i32.const 750)
    (i32.const 751) (i32.const 752) (i32.const 753) (i32.const 754) (i32.const 755) (i32.const 756) (i32.const 757)
    (i32.const 758) (i32.const 759) (i32.const 760) (i32.const 761) (i32.const 762) (i32.const 763) (i32.const 764)
    (i32.const 765) (i32.const 766) (i32.const 767) (i32.const 768) (i32.const 769) (i32.const 770) (i32.const 771)
    (i32.const 772) (i32.const 773) (i32.const 774) (i32.const 775) (i32.const 776) (i32.const 777) (i32.const 778)
    (i32.const 779) (i32.const 780) (i32.const 781) (i32.const 782) (i32.const 783) (i32.const 784) (i32.const 785)
    (i32.const 786) (i32.const 787) (i32.const 788) (i32.const 789) (i32.const 790) (i32.const 791) (i32.const 792)
    (i32.const 793) (i32.const 794) (i32.const 795) (i32.const 796) (i32.const 797) (i32.const 798) (i32.const 799)
    (i32.const 800) (i32.const 801) (i32.const 802) (i32.const 803) (i32.const 804) (i32.const 805) (i32.const 806)
    (i32.const 807) (i32.const 808) (i32.const 809) (i32.const 810) (i32.const 811) (i32.const 812) (i32.const 813)
    (i32.const 814) (i32.const 815) (i32.const 816) (i32.const 817) (i32.const 818) (i32.const 819) (i32.const 820)
    (i32.const 821) (i32.const 822) (i32.const 823) (i32.const 824) (i32.const 825) (i32.const 826) (i32.const 827)
    (i32.const 828) (i32.const 829) (i32.const 830) (i32.const 831) (i32.const 832) (i32.const 833) (i32.const 834)
    (i32.const 835) (i32.const 836) (i32.const 837) (i32.const 838) (i32.const 839) (i32.const 840) (i32.const 841)
    (i32.const 842) (i32.const 843) (i32.const 844) (i32.const 845) (i32.const 846) (i32.const 847) (i32.const 848)
    (i32.const 849) (i32.const 850) (i32.const 851) (i32.const 852) (i32.const 853) (i32.const 854) (i32.const 855)
    (i32.const 856) (i32.const 857) (i32.const 858) (i32.const 859) (i32.const 860) (i32.const 861) (i32.const 862)
    (i32.const 863) (i32.const 864) (i32.const 865) (i32.const 866) (i32.const 867) (i32.const 868) (i32.const 869)
    (i32.const 870) (i32.const 871) (i32.const 872) (i32.const 873) (i32.const 874) (i32.const 875) (i32.const 876)
    (i32.const 877) (i32.const 878) (i32.const 879) (i32.const 880) (i32.const 881) (i32.const 882) (i32.const 883)
    (i32.const 884) (i32.const 885) (i32.const 886) (i32.const 887) (i32.const 888) (i32.const 889) (i32.const 890)
    (i32.const 891) (i32.const 892) (i32.const 893) (i32.const 894) (i32.const 895) (i32.const 896) (i32.const 897)
    (i32.const 898) (i32.const 899) (i32.const 900) (i32.const 901) (i32.const 902) (i32.const 903) (i32.const 904)
    (i32.const 905) (i32.const 906) (i32.const 907) (i32.const 908) (i32.const 909) (i32.const 910) (i32.const 911)
    (i32.const 912) (i32.const 913) (i32.const 914) (i32.const 915) (i32.const 916) (i32.const 917) (i32.const 918)
    (i32.const 919) (i32.const 920) (i32.const 921) (i32.const 922) (i32.const 923) (i32.const 924) (i32.const 925)
    (i32.const 926) (i32.const 927) (i32.const 928) (i32.const 929) (i32.const 930) (i32.const 931) (i32.const 932)
    (i32.const 933) (i32.const 934) (i32.const 935) (i32.const 936) (i32.const 937) (i32.const 938) (i32.const 939)
    (i32.const 940) (i32.const 941) (i32.const 942) (i32.const 943) (i32.const 944) (i32.const 945) (i32.const 946)
    (i32.const 947) (i32.const 948) (i32.const 949) (i32.const 950) (i32.const 951) (i32.const 952) (i32.const 953)
    (i32.const 954) (i32.const 955) (i32.const 956) (i32.const 957) (i32.const 958) (i32.const 959) (i32.const 960)
    (i32.const 961) (i32.const 962) (i32.const 963) (i32.const 964) (i32.const 965) (i32.const 966) (i32.const 967)
    (i32.const 968) (i32.const 969) (i32.const 970) (i32.const 971) (i32.const 972) (i32.const 973) (i32.const 974)
    (i32.const 975) (i32.const 976) (i32.const 977) (i32.const 978) (i32.const 979) (i32.const 980) (i32.const 981)
    (i32.const 982) (i32.const 983) (i32.const 984) (i32.const 985) (i32.const 986) (i32.const 987) (i32.const 988)
    (i32.const 989) (i32.const 990) (i32.const 991) (i32.const 992) (i32.const 993) (i32.const 994) (i32.const 995)
    (i32.const 996) (i32.const 997) (i32.const 998) (i32.const 999)
    (call $many)
    (call $pick))
  (func $pick (param
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
  ) (result i64)
    (i64.extend_i32_u (i32.add
      (i32.add (local.get 0) (i32.mul (i32.const 3) (local.get 500)))
      (i32.add (i32.mul (i32.const 7) (local.get 999)) (i32.mul (i32.const 11) (local.get 17)))))))
(assert_return (invoke "many") (i64.const 13298))
(assert_invalid (module (func (param
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
    i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
  ))) "parameters 1001 > 1000")
(assert_invalid (module (type (func (result
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
  )))) "results 1001 > 1000")

;; 50,000 locals in one group, and one more. 0xc350 is 50,000.
(module binary "\00asm" "\01\00\00\00" "\01\05\01\60\00\01\7f" "\03\02\01\00" "\07\05\01\01f\00\00"
  "\0a\0c\01\0a\01\d0\86\03\7f" "\20\cf\86\03" "\0b")
(assert_return (invoke "f") (i32.const 0))
(assert_invalid
  (module binary "\00asm" "\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\08\01\06\01\d1\86\03\7f" "\0b")
  "locals 50001 > 50000")

;; A chain of 63 subtypes, and one more.
(module
  (type $t0 (sub (func))) (type $t1 (sub $t0 (func))) (type $t2 (sub $t1 (func))) (type $t3 (sub $t2 (func))) (type
  $t4 (sub $t3 (func))) (type $t5 (sub $t4 (func))) (type $t6 (sub $t5 (func))) (type $t7 (sub $t6 (func))) (type $t8
  (sub $t7 (func))) (type $t9 (sub $t8 (func))) (type $t10 (sub $t9 (func))) (type $t11 (sub $t10 (func))) (type $t12
  (sub $t11 (func))) (type $t13 (sub $t12 (func))) (type $t14 (sub $t13 (func))) (type $t15 (sub $t14 (func))) (type
  $t16 (sub $t15 (func))) (type $t17 (sub $t16 (func))) (type $t18 (sub $t17 (func))) (type $t19 (sub $t18 (func)))
  (type $t20 (sub $t19 (func))) (type $t21 (sub $t20 (func))) (type $t22 (sub $t21 (func))) (type $t23 (sub $t22
  (func))) (type $t24 (sub $t23 (func))) (type $t25 (sub $t24 (func))) (type $t26 (sub $t25 (func))) (type $t27 (sub
  $t26 (func))) (type $t28 (sub $t27 (func))) (type $t29 (sub $t28 (func))) (type $t30 (sub $t29 (func))) (type $t31
  (sub $t30 (func))) (type $t32 (sub $t31 (func))) (type $t33 (sub $t32 (func))) (type $t34 (sub $t33 (func))) (type
  $t35 (sub $t34 (func))) (type $t36 (sub $t35 (func))) (type $t37 (sub $t36 (func))) (type $t38 (sub $t37 (func)))
  (type $t39 (sub $t38 (func))) (type $t40 (sub $t39 (func))) (type $t41 (sub $t40 (func))) (type $t42 (sub $t41
  (func))) (type $t43 (sub $t42 (func))) (type $t44 (sub $t43 (func))) (type $t45 (sub $t44 (func))) (type $t46 (sub
  $t45 (func))) (type $t47 (sub $t46 (func))) (type $t48 (sub $t47 (func))) (type $t49 (sub $t48 (func))) (type $t50
  (sub $t49 (func))) (type $t51 (sub $t50 (func))) (type $t52 (sub $t51 (func))) (type $t53 (sub $t52 (func))) (type
  $t54 (sub $t53 (func))) (type $t55 (sub $t54 (func))) (type $t56 (sub $t55 (func))) (type $t57 (sub $t56 (func)))
  (type $t58 (sub $t57 (func))) (type $t59 (sub $t58 (func))) (type $t60 (sub $t59 (func))) (type $t61 (sub $t60
  (func))) (type $t62 (sub $t61 (func))) (type $t63 (sub $t62 (func))))
(assert_invalid (module
  (type $t0 (sub (func))) (type $t1 (sub $t0 (func))) (type $t2 (sub $t1 (func))) (type $t3 (sub $t2 (func))) (type
  $t4 (sub $t3 (func))) (type $t5 (sub $t4 (func))) (type $t6 (sub $t5 (func))) (type $t7 (sub $t6 (func))) (type $t8
  (sub $t7 (func))) (type $t9 (sub $t8 (func))) (type $t10 (sub $t9 (func))) (type $t11 (sub $t10 (func))) (type $t12
  (sub $t11 (func))) (type $t13 (sub $t12 (func))) (type $t14 (sub $t13 (func))) (type $t15 (sub $t14 (func))) (type
  $t16 (sub $t15 (func))) (type $t17 (sub $t16 (func))) (type $t18 (sub $t17 (func))) (type $t19 (sub $t18 (func)))
  (type $t20 (sub $t19 (func))) (type $t21 (sub $t20 (func))) (type $t22 (sub $t21 (func))) (type $t23 (sub $t22
  (func))) (type $t24 (sub $t23 (func))) (type $t25 (sub $t24 (func))) (type $t26 (sub $t25 (func))) (type $t27 (sub
  $t26 (func))) (type $t28 (sub $t27 (func))) (type $t29 (sub $t28 (func))) (type $t30 (sub $t29 (func))) (type $t31
  (sub $t30 (func))) (type $t32 (sub $t31 (func))) (type $t33 (sub $t32 (func))) (type $t34 (sub $t33 (func))) (type
  $t35 (sub $t34 (func))) (type $t36 (sub $t35 (func))) (type $t37 (sub $t36 (func))) (type $t38 (sub $t37 (func)))
  (type $t39 (sub $t38 (func))) (type $t40 (sub $t39 (func))) (type $t41 (sub $t40 (func))) (type $t42 (sub $t41
  (func))) (type $t43 (sub $t42 (func))) (type $t44 (sub $t43 (func))) (type $t45 (sub $t44 (func))) (type $t46 (sub
  $t45 (func))) (type $t47 (sub $t46 (func))) (type $t48 (sub $t47 (func))) (type $t49 (sub $t48 (func))) (type $t50
  (sub $t49 (func))) (type $t51 (sub $t50 (func))) (type $t52 (sub $t51 (func))) (type $t53 (sub $t52 (func))) (type
  $t54 (sub $t53 (func))) (type $t55 (sub $t54 (func))) (type $t56 (sub $t55 (func))) (type $t57 (sub $t56 (func)))
  (type $t58 (sub $t57 (func))) (type $t59 (sub $t58 (func))) (type $t60 (sub $t59 (func))) (type $t61 (sub $t60
  (func))) (type $t62 (sub $t61 (func))) (type $t63 (sub $t62 (func))) (type $t64 (sub $t63 (func)))) "subtype depth 64 > 63")

;; 400 blocks inside each other, left from the innermost to every one of them.
(module
  (func (export "leave") (param $depth i32) (result i32) (local $n i32)
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block (block
    (br_table
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40
    41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78
    79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112
    113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 128 129 130 131 132 133 134 135 136 137 138 139 140
    141 142 143 144 145 146 147 148 149 150 151 152 153 154 155 156 157 158 159 160 161 162 163 164 165 166 167 168
    169 170 171 172 173 174 175 176 177 178 179 180 181 182 183 184 185 186 187 188 189 190 191 192 193 194 195 196
    197 198 199 200 201 202 203 204 205 206 207 208 209 210 211 212 213 214 215 216 217 218 219 220 221 222 223 224
    225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252
    253 254 255 256 257 258 259 260 261 262 263 264 265 266 267 268 269 270 271 272 273 274 275 276 277 278 279 280
    281 282 283 284 285 286 287 288 289 290 291 292 293 294 295 296 297 298 299 300 301 302 303 304 305 306 307 308
    309 310 311 312 313 314 315 316 317 318 319 320 321 322 323 324 325 326 327 328 329 330 331 332 333 334 335 336
    337 338 339 340 341 342 343 344 345 346 347 348 349 350 351 352 353 354 355 356 357 358 359 360 361 362 363 364
    365 366 367 368 369 370 371 372 373 374 375 376 377 378 379 380 381 382 383 384 385 386 387 388 389 390 391 392
    393 394 395 396 397 398 399
      (local.get $depth))
    ) (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1))) )
    (local.set $n (i32.add (local.get $n) (i32.const 1))) ) (local.set $n (i32.add (local.get $n) (i32.const 1)))
    (local.get $n)))
(assert_return (invoke "leave" (i32.const 0)) (i32.const 400))
(assert_return (invoke "leave" (i32.const 1)) (i32.const 399))
(assert_return (invoke "leave" (i32.const 200)) (i32.const 200))
(assert_return (invoke "leave" (i32.const 399)) (i32.const 1))
(assert_return (invoke "leave" (i32.const 400)) (i32.const 1))
(assert_return (invoke "leave" (i32.const -1)) (i32.const 1))

;; The stack ends in a trap, in every shape of frame, and is whole afterwards.
(module
  (type $f (func (param i32) (result i32)))
  (table $t funcref (elem $small $large))
  (global $depth (mut i32) (i32.const 0))
  (func $small (type $f) (i32.add (i32.const 1) (call $small (local.get 0))))
  (func $large (type $f)
    (local
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64
    i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local.set 1400 (i64.extend_i32_u (local.get 0)))
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (if (local.get 0)
      (then (return (i32.add (call $large (i32.sub (local.get 0) (i32.const 1))) (i32.wrap_i64 (local.get 1400))))))
    (i32.const 0))
  (func $ping (type $f) (i32.add (i32.const 1) (call_indirect $t (type $f) (local.get 0) (i32.const 0))))
  (func (export "small") (type $f) (call $small (local.get 0)))
  (func (export "large") (type $f) (call $large (local.get 0)))
  (func (export "ping") (type $f) (call $ping (local.get 0)))
  (func $caught (export "caught") (type $f)
    (block $h (try_table (catch_all $h) (drop (call $small (local.get 0)))))
    (i32.const 1)))
(assert_return (invoke "large" (i32.const 20)) (i32.const 210))
(assert_exhaustion (invoke "small" (i32.const 0)) "call stack exhausted")
(assert_exhaustion (invoke "large" (i32.const 10000000)) "call stack exhausted")
(assert_exhaustion (invoke "ping" (i32.const 0)) "call stack exhausted")
(assert_exhaustion (invoke "caught" (i32.const 0)) "call stack exhausted")
(assert_return (invoke "large" (i32.const 20)) (i32.const 210))

;; Growing to the declared end and not beyond, a page and a byte at a time.
(module
  (memory $m 1 3)
  (memory $b 5 9 (pagesize 1))
  (memory $l i64 0 2)
  (func (export "grow") (param i32) (result i32) (memory.grow $m (local.get 0)))
  (func (export "grow_bytes") (param i32) (result i32) (memory.grow $b (local.get 0)))
  (func (export "grow_long") (param i64) (result i64) (memory.grow $l (local.get 0)))
  (func (export "last") (param i32) (result i32) (i32.load8_u $b (local.get 0)))
  (func (export "long") (param i64) (result i32) (i32.load8_u $l (local.get 0))))
(assert_return (invoke "grow" (i32.const 2)) (i32.const 1))
(assert_return (invoke "grow" (i32.const 1)) (i32.const -1))
(assert_return (invoke "grow" (i32.const -1)) (i32.const -1))
(assert_return (invoke "grow" (i32.const 0)) (i32.const 3))
(assert_trap (invoke "last" (i32.const 5)) "out of bounds memory access")
(assert_return (invoke "grow_bytes" (i32.const 4)) (i32.const 5))
(assert_return (invoke "grow_bytes" (i32.const 1)) (i32.const -1))
(assert_return (invoke "last" (i32.const 8)) (i32.const 0))
(assert_trap (invoke "last" (i32.const 9)) "out of bounds memory access")
(assert_trap (invoke "long" (i64.const 0)) "out of bounds memory access")
(assert_return (invoke "grow_long" (i64.const 3)) (i64.const -1))
(assert_return (invoke "grow_long" (i64.const -1)) (i64.const -1))
(assert_return (invoke "grow_long" (i64.const 2)) (i64.const 0))
(assert_return (invoke "long" (i64.const 0x1ffff)) (i32.const 0))
(assert_trap (invoke "long" (i64.const 0x20000)) "out of bounds memory access")
(assert_trap (invoke "long" (i64.const -1)) "out of bounds memory access")
